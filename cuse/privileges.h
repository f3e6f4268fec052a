/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Giving up what the server needs only to start: root, capabilities, the right to gain any of it
 * again.
 */
#ifndef VTPM_CUSE_PRIVILEGES_H
#define VTPM_CUSE_PRIVILEGES_H

#include <stdbool.h>
#include <sys/types.h>

struct error;

struct user {
	uid_t uid;
	gid_t gid;
};

/* TEXT is a name or a number; a number need not be in the user database (its group is the same
 * then). */
int user_find(const char *text, struct user *ret, struct error *err);

/* TEXT is UID:GID, each a name or a number; without ":GID" it is the user's own group. */
int user_parse_owner(const char *text, struct user *ret, struct error *err);

/* First of all: no core dump of us, no reading of our memory by the user's other processes. */
int privileges_protect_memory(struct error *err);

/*
 * Becomes USER (when we are root and USER is not us) and gives up all capabilities and the gaining
 * of new ones, for good.
 */
int privileges_drop(const struct user *user, struct error *err);

#endif
