/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Assigns the duties: seats, the watches, jobs. Also gets a thread out of the call that it waits
 * in.
 */
#include "cuse/device/threads_impl.h"

#include <assert.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/eventfd.h>

#include "cuse/device/session.h"
#include "util/watches.h"

/* The signal that interrupts a read of a session; its handler does nothing. */
#define KICK SIGURG

/* The calling thread's worker; NULL for threads made elsewhere. */
static __thread struct worker *this_worker;

static void ignore_kick(int signal)
{
	(void)signal;
}

int duty_prepare(void)
{
	/* Without SA_RESTART, so that the signal ends the read. */
	struct sigaction action = { .sa_handler = ignore_kick };

	return sigaction(KICK, &action, NULL);
}

void duty_begin(struct worker *worker)
{
	scoped_lock(&worker->threads->mutex);

	this_worker = worker;
	worker->thread = pthread_self();
}

void duty_end(void)
{
	this_worker = NULL;
}

/* The functions from here to give_seat_up() need the lock held. */
static void set_blocking(const struct seat *seat, bool blocking)
{
	(void)fcntl(session_fd(seat->session), F_SETFL, O_RDWR | (blocking ? 0 : O_NONBLOCK));
}

static void kick(struct worker *worker)
{
	if (worker != NULL && worker != this_worker && atomic_load(&worker->reading))
		(void)pthread_kill(worker->thread, KICK);
}

static void set_minds(struct seat *seat, bool minds)
{
	if (atomic_load(&seat->minds) == minds)
		return;
	atomic_store(&seat->minds, minds);
	set_blocking(seat, !minds);
	if (minds)
		kick(seat->leader);
}

/* Chooses the leader that also minds the watches: the one that already does, else this thread. */
static struct seat *choose_seat_that_minds(struct threads *threads)
{
	struct seat *best = NULL;

	for (int i = 0; i < threads->seat_count; i++) {
		struct seat *seat = &threads->seats[i];

		if (seat->leader == NULL)
			continue;
		if (atomic_load(&seat->minds))
			return seat;
		if (best == NULL || seat->leader == this_worker)
			best = seat;
	}
	return best;
}

/*
 * Called after every change of duties. Some thread must mind the watches: the minder, else one of
 * the leaders. When there is no leader either, every thread is away, and chooses its next duty when
 * it is back.
 */
static void settle(struct threads *threads)
{
	struct seat *chosen = threads->minder == NULL ? choose_seat_that_minds(threads) : NULL;
	bool is_minded = threads->minder != NULL, is_led = false;

	if (atomic_load(&threads->stopping)) /* no thread may block any more */
		return;
	for (int i = 0; i < threads->seat_count; i++) {
		struct seat *seat = &threads->seats[i];

		set_minds(seat, seat == chosen);
		is_led |= seat->leader != NULL;
		is_minded |= seat->leader != NULL && atomic_load(&seat->minds);
	}
	assert(is_minded || !is_led);
}

static bool take_seat(struct worker *worker)
{
	struct threads *threads = worker->threads;

	for (int i = 0; i < threads->seat_count; i++) {
		struct seat *seat = &threads->seats[i];

		if (seat->leader != NULL)
			continue;
		seat->leader = worker;
		worker->seat = seat;
		return true;
	}
	return false;
}

static struct threads_job *take_job(struct threads *threads)
{
	struct threads_job *job = threads->jobs;

	if (job == NULL)
		return NULL;
	threads->jobs = job->next;
	if (threads->jobs == NULL)
		threads->jobs_end = &threads->jobs;
	return job;
}

static enum duty choose_duty(struct worker *worker, struct threads_job **job)
{
	struct threads *threads = worker->threads;

	if (atomic_load(&threads->stopping))
		return DUTY_END;
	if (take_seat(worker))
		return DUTY_LEAD;
	*job = take_job(threads);
	if (*job != NULL)
		return DUTY_JOB;
	threads->minder = worker;
	return DUTY_MIND;
}

static void give_seat_up(struct worker *worker)
{
	if (worker->seat != NULL)
		worker->seat->leader = NULL;
	worker->seat = NULL;
}

/* From here on, each function takes the lock itself. */
enum duty duty_next(struct worker *worker, struct threads_job **job)
{
	struct threads *threads = worker->threads;
	enum duty duty;
	scoped_lock(&threads->mutex);

	give_seat_up(worker);
	if (threads->minder == worker)
		threads->minder = NULL;
	duty = choose_duty(worker, job);
	settle(threads);
	return duty;
}

/* Lock held. Has the minder choose a duty again. */
static void wake_minder(struct threads *threads)
{
	if (threads->minder != NULL)
		(void)eventfd_write(threads->wake_fd, 1);
}

void threads_relieve(struct threads *threads)
{
	struct worker *worker = this_worker;

	if (worker == NULL || worker->threads != threads || worker->seat == NULL)
		return;
	scoped_lock(&threads->mutex);
	give_seat_up(worker);
	wake_minder(threads);
	settle(threads);
}

void threads_post(struct threads *threads, struct threads_job *job)
{
	scoped_lock(&threads->mutex);

	job->next = NULL;
	*threads->jobs_end = job;
	threads->jobs_end = &job->next;
	wake_minder(threads);
}

void threads_stop(struct threads *threads)
{
	scoped_lock(&threads->mutex);

	atomic_store(&threads->stopping, true);
	watches_end(threads->watches);
	for (int i = 0; i < threads->seat_count; i++) {
		set_blocking(&threads->seats[i], false);
		kick(threads->seats[i].leader);
	}
}

bool threads_is_stopping(const struct threads *threads)
{
	return atomic_load(&threads->stopping);
}
