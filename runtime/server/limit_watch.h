/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tells when the limits of containers' control groups, or of groups above them, are changed, by
 * whomever: the kernel tells of writes to their files.
 */
#ifndef VTPM_RUNTIME_SERVER_LIMIT_WATCH_H
#define VTPM_RUNTIME_SERVER_LIMIT_WATCH_H

#include <limits.h>
#include <stdbool.h>

#include "util/cleanup.h"

struct error;
struct limit_watch;

/* NAMES is a directory whose names are watched, too. */
int limit_watch_open(const char *names, struct limit_watch **ret, struct error *err);
void limit_watch_close(struct limit_watch *watch);
DEFINE_CLEANUP(struct limit_watch, limit_watch_close);

/* Readable when there is something for limit_watch_read(). */
int limit_watch_fd(const struct limit_watch *watch);

/*
 * Watches GROUP and those above it, beneath MOUNT, until they are removed. One that is new counts
 * as changed: nobody has seen to it before. Groups that are gone, or cannot be watched, are passed
 * over.
 */
void limit_watch_add(struct limit_watch *watch, const char *mount, const char *group);

/* Takes what the kernel has told, without waiting. True: names have come or gone, or may have. */
bool limit_watch_read(struct limit_watch *watch);

/* *RET gets a group whose limits have changed, once for any number of changes; false: none. */
bool limit_watch_next(struct limit_watch *watch, char ret[static PATH_MAX]);

#endif
