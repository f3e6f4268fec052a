/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Users and groups by name or number.
 */
#ifndef VTPM_UTIL_USER_H
#define VTPM_UTIL_USER_H

#include "util/user_names.h"

struct error;

/* TEXT is a name or a number; a number need not be in the user database (its group is the same
 * then). */
int user_find(const char *text, struct user *ret, struct error *err);

/* TEXT is UID:GID, each a name or a number; without ":GID" it is the user's own group. */
int user_parse_owner(const char *text, struct user *ret, struct error *err);

#endif
