/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/device/threads.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/eventfd.h>

#include "cuse/device/session.h"
#include "util/error.h"
#include "util/watches.h"

/* Interrupts a read of a session; nothing else happens when it arrives. */
#define KICK SIGURG

/* libtpms keeps copies of its state on the stack, 176 KiB each. */
#define STACK_SIZE (1024 * 1024)

struct worker {
	struct threads *threads;
	pthread_t thread;
	struct seat *seat;   /* it leads; NULL: none */
	atomic_bool reading; /* it may sit in a read, which a kick ends */
};

/* The worker that a thread is; NULL for threads of others. */
static __thread struct worker *this_worker;

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

static void ignore_kick(int signal)
{
	(void)signal;
}

static int prepare_signals(void)
{
	/* No SA_RESTART: that is the point. */
	struct sigaction action = { .sa_handler = ignore_kick };

	return sigaction(KICK, &action, NULL);
}

int threads_new(struct watches *watches, struct threads **ret, struct error *err)
{
	cleanup_with(threads_freep) struct threads *threads = calloc(1, sizeof(*threads));

	if (threads == NULL)
		return error_set(err, ENOMEM, "start serving");
	(void)sem_init(&threads->arrived, 0, 0);
	(void)pthread_mutex_init(&threads->gate, NULL);
	(void)pthread_mutex_init(&threads->mutex, NULL);
	threads->watches = watches;
	threads->jobs_end = &threads->jobs;
	threads->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (threads->wake_fd < 0 || prepare_signals() < 0)
		return error_set(err, errno, "start serving");
	*ret = take_ptr(threads);
	return 0;
}

void threads_free(struct threads *threads)
{
	if (threads == NULL)
		return;
	if (threads->worker_count > 0) { /* they wait for a threads_run() that did not come */
		atomic_store(&threads->stopping, true);
		(void)threads_run(threads, NULL);
	}
	closep(&threads->wake_fd);
	(void)pthread_mutex_destroy(&threads->gate);
	(void)sem_destroy(&threads->arrived);
	(void)pthread_mutex_destroy(&threads->mutex);
	free(threads);
}

void threads_add(struct threads *threads, struct session *session)
{
	threads->seats[threads->seat_count++].session = session;
}

/* Lock held, as for all that follow until it is said otherwise. */
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

/* The seat whose leader is to mind the watches besides: one that does, or else our own. */
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
 * Called after every change of who does what. Somebody always minds the watches: who has nothing
 * else to do, else one of the leaders; and when there is none, every thread is away and will choose
 * its next duty when it is back.
 */
static void settle(struct threads *threads)
{
	struct seat *chosen = threads->minder == NULL ? choose_seat_that_minds(threads) : NULL;
	bool is_minded = threads->minder != NULL, is_led = false;

	if (atomic_load(&threads->stopping)) /* nobody is to block any more */
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

/* From here on the lock is not held. */
static enum duty next_duty(struct worker *worker, struct threads_job **job)
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

/* The thread that minds the watches looks for something better to do. */
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

/* Waits for the watches and FD, and handles what has come to a watch. */
static void mind_watches(struct threads *threads, int fd)
{
	struct pollfd fds[2] = {
		{ .fd = watches_fd(threads->watches), .events = POLLIN },
		{ .fd = fd, .events = POLLIN },
	};

	if (poll(fds, 2, -1) > 0 && fds[0].revents != 0 && !atomic_load(&threads->stopping))
		watches_handle(threads->watches);
}

static void mind(struct threads *threads)
{
	eventfd_t count;

	mind_watches(threads, threads->wake_fd);
	(void)eventfd_read(threads->wake_fd, &count);
}

static void fail(struct threads *threads)
{
	{
		scoped_lock(&threads->mutex);
		threads->failed = true;
	}
	threads_stop(threads);
}

static int read_request(struct worker *worker, struct session_buffer *buffer)
{
	int r;

	atomic_store(&worker->reading, true);
	r = atomic_load(&worker->threads->stopping) ? 0
						    : session_read(worker->seat->session, buffer);
	atomic_store(&worker->reading, false);
	return r;
}

/* Reads and handles requests for as long as the seat is this thread's. */
static void lead(struct worker *worker, struct session_buffer *buffer)
{
	struct threads *threads = worker->threads;

	while (worker->seat != NULL && !atomic_load(&threads->stopping)) {
		struct session *session = worker->seat->session;
		int r;

		if (atomic_load(&worker->seat->minds))
			mind_watches(threads, session_fd(session));
		r = read_request(worker, buffer);
		if (r > 0)
			session_handle(session, buffer);
		if (r < 0)
			fail(threads);
	}
}

static void start_as(struct worker *worker)
{
	scoped_lock(&worker->threads->mutex);

	this_worker = worker;
	worker->thread = pthread_self();
}

static void *work(void *context)
{
	struct worker *worker = context;
	struct session_buffer buffer = { 0 };
	struct threads_job *job;
	enum duty duty;

	start_as(worker);
	while ((duty = next_duty(worker, &job)) != DUTY_END) {
		if (duty == DUTY_LEAD)
			lead(worker, &buffer);
		else if (duty == DUTY_JOB)
			job->run(job->context);
		else
			mind(worker->threads);
	}
	session_buffer_done(&buffer);
	this_worker = NULL;
	return NULL;
}

static void *work_when_run(void *context)
{
	struct threads *threads = ((struct worker *)context)->threads;

	(void)sem_post(&threads->arrived);
	{
		scoped_lock(&threads->gate);
	}
	return work(context);
}

static int start_workers(struct threads *threads, struct error *err)
{
	pthread_attr_t attributes;
	int r = 0;

	(void)pthread_attr_init(&attributes);
	(void)pthread_attr_setstacksize(&attributes, STACK_SIZE);
	for (threads->worker_count = 1; threads->worker_count <= threads->seat_count && r == 0;
	     threads->worker_count++)
		r = pthread_create(&threads->started[threads->worker_count], &attributes,
				   work_when_run, &threads->workers[threads->worker_count]);
	(void)pthread_attr_destroy(&attributes);
	if (r == 0)
		return 0;
	threads->worker_count--;
	return error_set(err, r, "start a thread");
}

int threads_start(struct threads *threads, struct error *err)
{
	int r;

	for (int i = 0; i <= threads->seat_count; i++)
		threads->workers[i].threads = threads;
	(void)pthread_mutex_lock(&threads->gate);
	r = start_workers(threads, err);
	for (int i = 1; i < threads->worker_count; i++) {
		while (sem_wait(&threads->arrived) < 0)
			continue;
	}
	return r;
}

int threads_run(struct threads *threads, struct error *err)
{
	(void)pthread_mutex_unlock(&threads->gate);
	(void)work(&threads->workers[0]);
	for (int i = 1; i < threads->worker_count; i++)
		(void)pthread_join(threads->started[i], NULL);
	threads->worker_count = 0;
	return threads->failed ? error_say(err, ENODEV, "the kernel has closed the device") : 0;
}
