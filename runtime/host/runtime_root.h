/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The root directory of the container runtime that called, and the names made from it.
 */
#ifndef VTPM_RUNTIME_HOST_RUNTIME_ROOT_H
#define VTPM_RUNTIME_HOST_RUNTIME_ROOT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "runtime/host/process.h"

struct error;

#define ROOT_HASH_LEN 6

struct runtime_root {
	char path[PATH_MAX];
	char hash[ROOT_HASH_LEN + 1]; /* of the path */
	bool known;                   /* false: a guess, because no runtime is among the callers */
	struct process runtime;       /* the caller that is one; 0: none is */
	bool forgets_rules; /* it replaces a container's device program at an update: crun */
};

/* How a runtime was called; NULL is what is not there. */
struct runtime_call {
	const char *program; /* without its directory */
	const char *root;    /* the value of --root among the options in front of ... */
	const char *command; /* ... the first word that is no option */
};

/*
 * Reads a command line of LEN bytes, words that end with NUL, into which *RET points; -EINVAL when
 * it is none. Pure.
 */
int runtime_call_parse(const char *cmdline, size_t len, struct runtime_call *ret);

/*
 * RET gets the root of a runtime of that name that is told none and has XDG as its XDG_RUNTIME_DIR,
 * by which crun goes for root, too; NULL: it has none. -ENOENT for other names, -ENAMETOOLONG.
 * Pure.
 */
int runtime_root_default(const char *program, const char *xdg, char ret[static PATH_MAX]);

/*
 * The same for CALL: the root that it works with. -ENOENT when it is no runtime's: one that has the
 * name of a runtime we know, or one of whatever name that was told a root and to do with a
 * container what makes it call hooks. Pure.
 */
int runtime_call_root(const struct runtime_call *call, const char *xdg, char ret[static PATH_MAX]);

/*
 * PATH without empty parts, "." and "..", as it is written: no symbolic link is looked at. PATH is
 * absolute. Pure.
 */
void runtime_root_clean(char *path);

/* EXPLICIT, or the --root of the nearest caller that is a runtime, or that runtime's default:
 * whatever leads to the same directory is the same root. */
int runtime_root_find(const char *explicit, struct runtime_root *ret, struct error *err);

/* The first 6 hex digits of the SHA-256 of ROOT and a newline. */
void runtime_root_hash(const char *root, char hash[static ROOT_HASH_LEN + 1]);

#endif
