/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Files that have to go when the server ends: its pid file, a node it made itself. A server that
 * gives up its privileges may not remove them any more; then a small process that keeps the one
 * that this takes does, also when the server was killed.
 */
#ifndef VTPM_CUSE_SERVER_GUARD_H
#define VTPM_CUSE_SERVER_GUARD_H

#include <stdbool.h>

#include "util/cleanup.h"

struct error;
struct leftovers;

/* Two nodes and what udev is told of them, an event log, a pid file. */
#define LEFTOVERS_MAX 6

/*
 * GUARDED: forks the process that removes the files when we are gone. Before there are threads, and
 * before there are secrets, of which it would have a copy.
 */
int leftovers_new(bool guarded, struct leftovers **ret, struct error *err);

/* Removes the files, or lets the process that watches over them do it. */
void leftovers_remove(struct leftovers *leftovers);
DEFINE_CLEANUP(struct leftovers, leftovers_remove);

/* PATH exists; it will be removed if it is still the same file then. */
int leftovers_add(struct leftovers *leftovers, const char *path, struct error *err);

/*
 * That was all, before a client can reach us: the process that watches over them takes no file
 * more, and logs, if we do not end in order, that NAME is served no more.
 */
int leftovers_end_with(const struct leftovers *leftovers, const char *name, struct error *err);

/*
 * Opens the directories of the files that this process will remove itself; the caller closes them.
 * Returns how many there are.
 */
int leftovers_open_dirs(const struct leftovers *leftovers, int fds[static LEFTOVERS_MAX],
			struct error *err);

#endif
