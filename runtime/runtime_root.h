/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The root directory of the container runtime that called, and the names made from it.
 */
#ifndef VTPM_RUNTIME_RUNTIME_ROOT_H
#define VTPM_RUNTIME_RUNTIME_ROOT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "runtime/process.h"

struct error;

#define ROOT_HASH_LEN 6

struct runtime_root {
	char path[PATH_MAX];
	bool known;             /* false: a guess, because no runtime is among the callers */
	struct process runtime; /* the caller that is one; 0: none is */
};

/*
 * The value of --root in a command line of NUL-terminated words, up to the first word that is no
 * option; NULL when there is none. NAME gets the program's name without its directory. Pure.
 */
const char *runtime_root_in(const char *cmdline, size_t len, const char **name);

/* EXPLICIT, or the --root of the nearest caller that is a runtime, or that runtime's default. */
int runtime_root_find(const char *explicit, struct runtime_root *ret, struct error *err);

/* The first 6 hex digits of the SHA-256 of ROOT and a newline. */
void runtime_root_hash(const char *root, char hash[static ROOT_HASH_LEN + 1]);

#endif
