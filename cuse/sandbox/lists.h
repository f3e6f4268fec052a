/* SPDX-License-Identifier: BSD-3-Clause */
/* The lists of this folder: the system calls that a server and its guard may still make. */
#ifndef VTPM_CUSE_SANDBOX_LISTS_H
#define VTPM_CUSE_SANDBOX_LISTS_H

#include "util/seccomp.h"

extern const struct syscall_rules seccomp_guard, seccomp_server;

#endif
