/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The users that a command line names, and the user that a server runs as: each server gets its
 * own, so that servers cannot access one another.
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
	struct uid_range range; /* by default, a server started by root runs as one of these */
};

/* Reads what is given; -EINVAL, -ENOENT and a sentence. */
int users_read(struct users *users, struct error *err);

/* The user that a server runs as, for as long as it holds the lease. */
struct own_user {
	struct user user;
	int lease_fd; /* -1: it may share the user with others */
};

/*
 * Chooses the user: that of --run-as; without root, the present one; else one of the range that no
 * other server has, or STATE_USER if none can be had. -EPERM: this process cannot become another
 * user.
 */
int own_user_take(const struct users *users, struct own_user *ret, struct error *err);

#endif
