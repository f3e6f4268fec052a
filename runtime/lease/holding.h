/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What one container has, in all of its leases.
 */
#ifndef VTPM_RUNTIME_LEASE_HOLDING_H
#define VTPM_RUNTIME_LEASE_HOLDING_H

#include <stdbool.h>
#include <stddef.h>

struct class_requests;
struct error;
struct lease;

struct holding {
	struct lease **leases;
	size_t count;
};

/* The caller calls holding_done(). */
int holding_read(const char *run_dir, const char *hash, const char *id, struct holding *ret,
		 struct error *err);
void holding_done(struct holding *holding);

/* Whether one of the devices has that path in the container. */
bool holding_has_path(const struct holding *holding, const char *path);

/* Removes from REQUESTS what an earlier request was given. */
void holding_drop(const struct holding *holding, struct class_requests *requests);

#endif
