/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Shared by the parts of the threads: threads.c makes the threads and runs their duties,
 * threads_duty.c assigns the duties.
 */
#ifndef VTPM_CUSE_DEVICE_THREADS_IMPL_H
#define VTPM_CUSE_DEVICE_THREADS_IMPL_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "cuse/device/threads.h"

struct worker {
	struct threads *threads;
	pthread_t thread;
	struct seat *seat;   /* the seat that it leads; NULL: none */
	atomic_bool reading; /* it may block in a read; a kick gets it out */
};

/*
 * A session and its leader. A leader that also minds the watches polls both and never blocks in a
 * read; any other leader blocks in a read. To get it out, make the descriptor non-blocking, then
 * kick: whether the kick comes before, in or after the read, the read ends.
 */
struct seat {
	struct session *session;
	struct worker *leader; /* NULL: none */
	atomic_bool minds; /* its leader minds the watches, too; its descriptor does not block */
};

struct threads {
	struct watches *watches;
	int wake_fd; /* an eventfd: tells the minder to choose a duty again */
	atomic_bool stopping;
	sem_t arrived; /* posted by each thread at the gate, when the C library has set it up */
	pthread_mutex_t gate; /* locked from threads_start() to threads_run() */
	pthread_t started[THREADS_SESSIONS_MAX + 1];
	pthread_mutex_t mutex; /* guards all below: the duties */
	struct seat seats[THREADS_SESSIONS_MAX];
	struct worker workers[THREADS_SESSIONS_MAX + 1];
	int seat_count, worker_count;
	struct worker *minder; /* only minds the watches; NULL: none */
	struct threads_job *jobs, **jobs_end;
	bool failed;
};

enum duty {
	DUTY_END,
	DUTY_LEAD,
	DUTY_JOB,
	DUTY_MIND,
};

/* Sets the kick's handler; call it before the first thread. On failure, errno has the reason. */
int duty_prepare(void);

/* Makes the calling thread WORKER, until duty_end(). */
void duty_begin(struct worker *worker);
void duty_end(void);

/* Ends WORKER's present duty and chooses its next; *JOB is set for DUTY_JOB. */
enum duty duty_next(struct worker *worker, struct threads_job **job);

#endif
