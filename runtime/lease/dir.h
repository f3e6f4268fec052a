/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The leases of all containers, RUNSTATEDIR/vtpm-cuse/leases, and the device numbers they hold.
 */
#ifndef VTPM_RUNTIME_LEASE_DIR_H
#define VTPM_RUNTIME_LEASE_DIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/cleanup.h"

struct error;
struct lease;
struct lease_dir;

/* Opens PATH, making it, and waits for its lock; nobody else reads or writes until it is closed. */
int lease_dir_open(const char *path, struct lease_dir **ret, struct error *err);
void lease_dir_close(struct lease_dir *dir);
DEFINE_CLEANUP(struct lease_dir, lease_dir_close);

/*
 * Reads all leases; they belong to DIR and are there until it is closed. A file that cannot be read
 * is moved aside to NAME.bad and counted in *BAD: it must not stop every container from then on.
 */
int lease_dir_load(struct lease_dir *dir, size_t *bad, struct error *err);

/* The I-th lease, NULL behind the last. Removing one puts the last in its place. */
const struct lease *lease_dir_get(const struct lease_dir *dir, size_t i);

/* The container's, of those that are loaded, or NULL. */
const struct lease *lease_dir_find(const struct lease_dir *dir, const char *hash, const char *id);

/* Whether there is a lease of the container, without loading. */
bool lease_dir_has(const struct lease_dir *dir, const char *hash, const char *id);

/*
 * Writes LEASE, replacing the container's earlier one; DIR keeps no reference. -EFBIG when it could
 * not be read again.
 */
int lease_dir_put(struct lease_dir *dir, const struct lease *lease, struct error *err);

/* Removes the container's lease; a missing one is what was wanted. */
int lease_dir_remove(struct lease_dir *dir, const struct lease *lease, struct error *err);

/*
 * Pure, given what is loaded: whether a lease has the number; its container's id or NULL.
 */
const char *lease_dir_number_owner(const struct lease_dir *dir, uint32_t major, uint32_t minor);
const char *lease_dir_state_owner(const struct lease_dir *dir, const char *state_path);

/* The same for the name of a device, be it a vTPM or a twin. */
const char *lease_dir_name_owner(const struct lease_dir *dir, const char *name);

/* How many vTPMs there are. */
size_t lease_dir_count(const struct lease_dir *dir);

/*
 * *MINOR gets the next number of MAJOR that no lease has and TAKEN() denies. Numbers go round, so
 * that one comes back as late as possible. -ENOSPC when there is none.
 */
typedef bool lease_taken(uint32_t major, uint32_t minor);
int lease_dir_next_minor(struct lease_dir *dir, uint32_t major, lease_taken *taken, uint32_t *minor,
			 struct error *err);

#endif
