/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The threads that serve: one more than there are nodes, all equal.
 *
 * A thread that reads a node is its leader. Whoever is left waits for everything else: the control
 * socket, signals, the clock. A leader that is about to be away for long (threads_relieve()) gives
 * its node up; the waiting thread takes it and, until the first one is back, watches all the rest
 * besides.
 */
#ifndef VTPM_CUSE_DEVICE_THREADS_H
#define VTPM_CUSE_DEVICE_THREADS_H

#include <stdbool.h>
#include <stdint.h>

#include "util/cleanup.h"

struct error;
struct session;
struct threads;

#define THREADS_SESSIONS_MAX 2

int threads_new(struct threads **ret, struct error *err);
void threads_free(struct threads *threads);
DEFINE_CLEANUP(struct threads, threads_free);

/* Something besides the nodes that is waited for. */
struct threads_watch {
	int fd;
	uint32_t events; /* EPOLLPRI; 0: EPOLLIN */
	/* FD is readable or has ended; it is watched again when this returns true. */
	bool (*ready)(void *context);
	void *context;
};

/* WATCH is borrowed until it is no longer watched, or removed. */
int threads_watch(struct threads *threads, struct threads_watch *watch);

/* SESSION is borrowed. Before threads_run(). */
void threads_add(struct threads *threads, struct session *session);

/* Serves until threads_stop(), or until a node's connection ends, which is -ENODEV. */
int threads_run(struct threads *threads, struct error *err);

/* From any thread: threads_run() returns when the commands in flight are done. */
void threads_stop(struct threads *threads);

/* The calling thread leaves its node, or its waiting, to the others. */
void threads_relieve(struct threads *threads);

#endif
