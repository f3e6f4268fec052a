/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The threads that serve: one more than there are sessions, all equal.
 *
 * A thread that reads a session is its leader. Whoever is left minds the watches: the control
 * socket, signals, the clock. A leader that is about to be away for long (threads_relieve()) gives
 * its session up; the thread that minds takes it. Somebody always minds the watches: when nobody is
 * left for that alone, a leader does it besides.
 */
#ifndef VTPM_CUSE_DEVICE_THREADS_H
#define VTPM_CUSE_DEVICE_THREADS_H

#include <stdbool.h>

#include "util/cleanup.h"

struct error;
struct session;
struct threads;
struct watches;

#define THREADS_SESSIONS_MAX 2

/* WATCHES is borrowed. */
int threads_new(struct watches *watches, struct threads **ret, struct error *err);
void threads_free(struct threads *threads);
DEFINE_CLEANUP(struct threads, threads_free);

/* SESSION is borrowed. Before threads_start(). */
void threads_add(struct threads *threads, struct session *session);

/*
 * Makes the threads, which do nothing yet: what holds for all threads of the process can still be
 * changed. The caller is one of them.
 */
int threads_start(struct threads *threads, struct error *err);

/* After threads_start(). Serves until threads_stop(), or until a session ends, which is -ENODEV. */
int threads_run(struct threads *threads, struct error *err);

/* From any thread: threads_run() returns when the commands in flight are done. */
void threads_stop(struct threads *threads);

bool threads_is_stopping(const struct threads *threads);

/* The calling thread will be away for long: it leaves its session to the others. */
void threads_relieve(struct threads *threads);

/* Something that may take long, and is done by a thread that has nothing else to look after. */
struct threads_job {
	void (*run)(void *context);
	void *context;
	struct threads_job *next;
};

/* JOB is borrowed until it is run, which it is not any more after threads_stop(). */
void threads_post(struct threads *threads, struct threads_job *job);

#endif
