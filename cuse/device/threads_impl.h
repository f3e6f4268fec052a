/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the parts of the threads share: threads.c makes them and has each do its duty,
 * threads_duty.c decides who does what.
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
	struct seat *seat;   /* it leads; NULL: none */
	atomic_bool reading; /* it may sit in a read, which a kick ends */
};

/*
 * A session and who leads it. A leader that minds the watches as well waits for both in a poll. Any
 * other sits in a blocking read. To get it out of there its descriptor is made non-blocking, and
 * then it is kicked: whether the kick comes before, in or after the read, the read ends.
 */
struct seat {
	struct session *session;
	struct worker *leader; /* NULL: none */
	atomic_bool minds;     /* its leader minds the watches; its descriptor does not block */
};

struct threads {
	struct watches *watches;
	int wake_fd; /* an eventfd: there is something better to do than minding the watches */
	atomic_bool stopping;
	sem_t arrived;        /* at the gate, which the C library has something to do before */
	pthread_mutex_t gate; /* locked from threads_start() to threads_run(): nobody works yet */
	pthread_t started[THREADS_SESSIONS_MAX + 1];
	pthread_mutex_t mutex; /* guards all below: who does what */
	struct seat seats[THREADS_SESSIONS_MAX];
	struct worker workers[THREADS_SESSIONS_MAX + 1];
	int seat_count, worker_count;
	struct worker *minder; /* does nothing but mind the watches; NULL: none */
	struct threads_job *jobs, **jobs_end;
	bool failed;
};

enum duty {
	DUTY_END,
	DUTY_LEAD,
	DUTY_JOB,
	DUTY_MIND,
};

/* Before the first thread: what gets one out of a read. Leaves the reason in errno. */
int duty_prepare(void);

/* The calling thread is WORKER, until duty_end(). */
void duty_begin(struct worker *worker);
void duty_end(void);

/* The duty before this one is done. What it is to do now; *JOB for DUTY_JOB. */
enum duty duty_next(struct worker *worker, struct threads_job **job);

#endif
