/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Users that a command line names, and the one that a server runs as: of its own, so that servers
 * do not reach one another.
 */
#ifndef VTPM_CUSE_SERVER_USERS_H
#define VTPM_CUSE_SERVER_USERS_H

#include <stdbool.h>

#include "util/cleanup.h"
#include "util/uid_range.h"
#include "util/user.h"

struct error;

struct users {
	/* As given; NULL: not given. */
	const char *run_as, *uid_range, *control_user, *owner;

	/* Worked out. */
	struct user named;      /* --run-as */
	struct user control;    /* who may ask the control socket, besides root */
	struct user device;     /* who owns the device */
	struct uid_range range; /* one of whom a server of root's runs as that is told nothing */
};

/* Reads what is given; -EINVAL, -ENOENT and a sentence. */
int users_read(struct users *users, struct error *err);

/* Whom a server runs as, for as long as it holds the lease. */
struct own_user {
	struct user user;
	int lease_fd; /* -1: it shares the user */
};

/*
 * A user of --run-as, or whoever we are without root; else one of the range that no other server
 * has, or STATE_USER where there is no such number. -EPERM: we cannot become another user.
 */
int own_user_take(const struct users *users, struct own_user *ret, struct error *err);

#endif
