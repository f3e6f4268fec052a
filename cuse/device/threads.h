/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The threads that serve: one more than there are sessions, all equal. Each of them takes one duty
 * after another, the first of these that applies:
 *
 *   the server ends   ->  END
 *   a seat is free    ->  LEAD  read and handle the requests of one session, until it is busy for
 *                               long: then threads_relieve() leaves the seat to the minder
 *   a job is posted   ->  JOB   run it: it may take long
 *   nothing to do     ->  MIND  wait at the watches (the control socket, signals, the clock) until
 *                               a seat or a job wants a thread
 *
 * Some thread always waits at the watches. While no thread has that as its only duty, one of the
 * leaders polls its session and the watches together.
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

/* Borrows WATCHES. */
int threads_new(struct watches *watches, struct threads **ret, struct error *err);
void threads_free(struct threads *threads);
DEFINE_CLEANUP(struct threads, threads_free);

/* Borrows SESSION. Call it before threads_start(). */
void threads_add(struct threads *threads, struct session *session);

/*
 * Makes the threads, which do nothing before threads_run(): the caller can still change what
 * applies to all threads of the process. The caller's thread is one of them.
 */
int threads_start(struct threads *threads, struct error *err);

/* Call it after threads_start(). Serves until threads_stop(), or until a session ends: -ENODEV. */
int threads_run(struct threads *threads, struct error *err);

/* Has threads_run() return when the commands in flight are done. From any thread. */
void threads_stop(struct threads *threads);

bool threads_is_stopping(const struct threads *threads);

/* Called before the thread is busy for long: leaves its session to another thread. */
void threads_relieve(struct threads *threads);

/* Work that may take long; a thread that has no other duty does it. */
struct threads_job {
	void (*run)(void *context);
	void *context;
	struct threads_job *next;
};

/* Borrows JOB until it has run. After threads_stop() no job is run any more. */
void threads_post(struct threads *threads, struct threads_job *job);

#endif
