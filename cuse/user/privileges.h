/* SPDX-License-Identifier: BSD-3-Clause */
/* Gives up what only the start needs: root, capabilities, and the right to regain them. */
#ifndef VTPM_CUSE_SERVER_PRIVILEGES_H
#define VTPM_CUSE_SERVER_PRIVILEGES_H

#include <stdbool.h>

#include "util/user.h"

struct error;

/* Call it first: prevents core dumps, and other processes of the user from reading our memory. */
int privileges_protect_memory(struct error *err);

/* Whether this process can give files away and become any user. */
bool privileges_include_users(void);

/*
 * Becomes USER (if this process is root and USER is another) and gives up all capabilities, and the
 * right to gain new ones, for good.
 */
int privileges_drop(const struct user *user, struct error *err);

#endif
