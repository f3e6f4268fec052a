/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Files that have to go when the server ends, and that lie in directories of others: its pid file,
 * a node it made itself, an event log. A server that has given up its privileges has a guard remove
 * them.
 */
#ifndef VTPM_CUSE_SERVER_LEFTOVERS_H
#define VTPM_CUSE_SERVER_LEFTOVERS_H

#include <stdbool.h>

#include "cuse/guard/guard.h"
#include "util/cleanup.h"

struct error;
struct leftovers;

/* Two nodes, an event log, a pid file. */
#define LEFTOVERS_MAX GUARD_FILES

/*
 * GUARDED: with a guard, see guard_start(), which also keeps the lock LOCK_FD (-1: none) until the
 * files are gone.
 */
int leftovers_new(bool guarded, int lock_fd, struct leftovers **ret, struct error *err);

/* Removes the files, or lets the guard do it. */
void leftovers_remove(struct leftovers *leftovers);
DEFINE_CLEANUP(struct leftovers, leftovers_remove);

/* PATH exists; it will be removed if it is still the same file then. */
int leftovers_add(struct leftovers *leftovers, const char *path, struct error *err);

/*
 * That was all, before a client can reach us: the guard takes no file more, and logs, if we do not
 * end in order, that NAME is served no more.
 */
int leftovers_end_with(const struct leftovers *leftovers, const char *name, struct error *err);

/*
 * The directories of the files that this process will remove itself, which stay LEFTOVERS'. Returns
 * how many there are.
 */
int leftovers_dirs(const struct leftovers *leftovers, int fds[static LEFTOVERS_MAX]);

#endif
