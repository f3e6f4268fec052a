/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Users that need no name, for servers alone.
 */
#ifndef VTPM_UTIL_UID_RANGE_H
#define VTPM_UTIL_UID_RANGE_H

#include <stdbool.h>
#include <sys/types.h>

struct error;

struct uid_range {
	uid_t first, last;
};

/* Beyond what systemd gives to containers, and assigned by nobody. */
static const struct uid_range uid_range_default = { 1879048192, 1879052287 };

/* Everybody. */
static const struct uid_range uid_range_all = { 0, (uid_t)-2 };

/* TEXT is FIRST-LAST, two numbers; root is in no range, nor is what system calls do not take. */
int uid_range_parse(const char *text, struct uid_range *ret, struct error *err);

bool uid_range_has(const struct uid_range *range, uid_t uid);

#endif
