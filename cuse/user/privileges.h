/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Giving up what the server needs only to start: root, capabilities, the right to gain any of it
 * again.
 */
#ifndef VTPM_CUSE_SERVER_PRIVILEGES_H
#define VTPM_CUSE_SERVER_PRIVILEGES_H

#include <stdbool.h>

#include "util/user.h"

struct error;

/* First of all: no core dump of us, no reading of our memory by the user's other processes. */
int privileges_protect_memory(struct error *err);

/* Whether we can give files away and become any user. */
bool privileges_include_users(void);

/*
 * Becomes USER (when we are root and USER is not us) and gives up all capabilities and the gaining
 * of new ones, for good.
 */
int privileges_drop(const struct user *user, struct error *err);

#endif
