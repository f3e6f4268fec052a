/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Files in directories of others that must go when the server ends: its pid file, a node that it
 * made itself, an event log. A server that has given up its privileges has a guard remove them.
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
 * GUARDED: starts a guard, see guard_start(), which also keeps the lock LOCK_FD (-1: none) until
 * the files are gone.
 */
int leftovers_new(bool guarded, int lock_fd, struct leftovers **ret, struct error *err);

/* Removes the files, or has the guard remove them. */
void leftovers_remove(struct leftovers *leftovers);
DEFINE_CLEANUP(struct leftovers, leftovers_remove);

/* Adds PATH, which exists. At the end it is removed if it is still the same file. */
int leftovers_add(struct leftovers *leftovers, const char *path, struct error *err);

/*
 * Ends the list, before a client can reach the server. From here on the guard takes no further
 * file; if the server does not end in order, the guard logs that NAME is no longer served.
 */
int leftovers_end_with(const struct leftovers *leftovers, const char *name, struct error *err);

/*
 * The directories of the files that this process will remove itself; LEFTOVERS keeps the
 * descriptors. Returns their number.
 */
int leftovers_dirs(const struct leftovers *leftovers, int fds[static LEFTOVERS_MAX]);

#endif
