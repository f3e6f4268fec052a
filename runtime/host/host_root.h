/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whether we are the host's root, and not only that of a user namespace.
 */
#ifndef VTPM_RUNTIME_HOST_HOST_ROOT_H
#define VTPM_RUNTIME_HOST_HOST_ROOT_H

#include <stdbool.h>

struct error;

/* Whether the text of /proc/PID/uid_map is that of the host: every user is itself. Pure. */
bool uid_map_is_of_host(const char *text);

/* -EPERM, and a line that says what can be done instead, when we are not. */
int host_root_check(struct error *err);

#endif
