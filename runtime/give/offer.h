/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Turns the classes that a container asks for into entries like those of linux.resources.vtpms, if
 * it may have them.
 */
#ifndef VTPM_RUNTIME_GIVE_OFFER_H
#define VTPM_RUNTIME_GIVE_OFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/config/class.h"
#include "runtime/config/request.h"
#include "util/cleanup.h"

struct admin_config;
struct error;
struct lease_claim;
struct offers;
struct vtpm_entry;

/* What is known of the container that asks. */
struct offer_asker {
	const char *root, *hash; /* the runtime's root, and its hash */
	const char *id, *bundle; /* the container's */
	const char *rootfs;      /* as its configuration has it */
	const char *name_space;  /* NULL: not known */
	const char *state_name;  /* NULL: none is chosen */
	uint32_t uid, gid;       /* the owner of the nodes */
};

/* Whether the container already has a device of that name. */
typedef bool offer_name_taken(const char *device, const void *context);

/*
 * Reads the classes of DIR that REQUESTS name, and makes an offer of each. -EACCES, -ENOENT and
 * others, with a line that names the class and the rule. The caller frees *RET.
 */
int offers_new(const char *dir, const struct class_requests *requests,
	       const struct offer_asker *asker, offer_name_taken *taken, const void *context,
	       struct offers **ret, struct error *err);
void offers_free(struct offers *offers);
DEFINE_CLEANUP(struct offers, offers_free);

/* Appends the entries to the *COUNT ones in *ENTRIES, which grows. They point into OFFERS. */
int offers_add_entries(const struct offers *offers, const struct admin_config *admin,
		       struct vtpm_entry **entries, size_t *count, struct error *err);

#endif
