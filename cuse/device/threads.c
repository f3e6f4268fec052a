/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/device/threads.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>

#include "cuse/device/session.h"
#include "util/error.h"

/* Interrupts a read of a node; nothing else happens when it arrives. */
#define KICK SIGURG

/* libtpms keeps copies of its state on the stack, 176 KiB each. */
#define STACK_SIZE (1024 * 1024)

struct worker {
	struct threads *threads;
	pthread_t thread;
	struct seat *seat;   /* it has; NULL: none */
	bool waiting;        /* it is counted in threads->waiting */
	atomic_bool reading; /* it may sit in a system call that a kick ends */
};

/* The worker that a thread is; NULL for threads of others. */
static __thread struct worker *this_worker;

/* Who has it reads the session. */
struct seat {
	struct session *session;
	bool taken;
};

struct threads {
	pthread_mutex_t mutex; /* guards failed, and who has a seat */
	struct seat seats[THREADS_SESSIONS_MAX];
	struct worker workers[THREADS_SESSIONS_MAX + 1];
	int seat_count, worker_count;
	int epoll_fd;
	int wake_fd; /* an eventfd for those who wait: a seat was given up, or the end has come */
	atomic_int waiting; /* threads that do nothing but wait for the watches */
	atomic_int running;
	atomic_bool stopping;
	bool failed;
};

static void ignore_kick(int signal)
{
	(void)signal;
}

static int prepare_signals(void)
{
	struct sigaction action = { .sa_handler =
					    ignore_kick }; /* no SA_RESTART: that is the point */

	return sigaction(KICK, &action, NULL);
}

int threads_new(struct threads **ret, struct error *err)
{
	cleanup_with(threads_freep) struct threads *threads = calloc(1, sizeof(*threads));

	if (threads == NULL)
		return error_set(err, ENOMEM, "start serving");
	(void)pthread_mutex_init(&threads->mutex, NULL);
	threads->wake_fd = -1;
	threads->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (threads->epoll_fd < 0)
		return error_set(err, errno, "start serving");
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
	closep(&threads->epoll_fd);
	closep(&threads->wake_fd);
	(void)pthread_mutex_destroy(&threads->mutex);
	free(threads);
}

/* One thread at a time handles a watch: it is armed again when it has been handled. */
static int arm(struct threads *threads, int operation, struct threads_watch *watch)
{
	uint32_t wanted = watch->events != 0 ? watch->events : EPOLLIN;
	struct epoll_event event = { .events = wanted | EPOLLONESHOT, .data.ptr = watch };

	return epoll_ctl(threads->epoll_fd, operation, watch->fd, &event) < 0 ? -errno : 0;
}

int threads_watch(struct threads *threads, struct threads_watch *watch)
{
	return arm(threads, EPOLL_CTL_ADD, watch);
}

void threads_add(struct threads *threads, struct session *session)
{
	threads->seats[threads->seat_count++].session = session;
}

static void wake(struct threads *threads)
{
	(void)eventfd_write(threads->wake_fd, 1);
}

static void kick(struct worker *worker)
{
	if (atomic_load(&worker->reading))
		(void)pthread_kill(worker->thread, KICK);
}

/* True when the worker had a seat. */
static bool give_seat_up(struct worker *worker)
{
	scoped_lock(&worker->threads->mutex);

	if (worker->seat == NULL)
		return false;
	worker->seat->taken = false;
	worker->seat = NULL;
	return true;
}

void threads_relieve(struct threads *threads)
{
	struct worker *worker = this_worker;

	if (worker == NULL || worker->threads != threads)
		return;
	if (give_seat_up(worker)) {
		wake(threads);
	} else if (worker->waiting) {
		/* It was the one that waited: a leader has to look after the watches now. */
		worker->waiting = false;
		atomic_fetch_sub(&threads->waiting, 1);
		kick(&threads->workers[worker == &threads->workers[0] ? 1 : 0]);
	}
}

void threads_stop(struct threads *threads)
{
	atomic_store(&threads->stopping, true);
	wake(threads);
}

/* A seat that nobody has; NULL: there is none. */
static struct seat *claim_seat(struct worker *worker)
{
	struct threads *threads = worker->threads;
	scoped_lock(&threads->mutex);

	for (int i = 0; i < threads->seat_count; i++) {
		if (threads->seats[i].taken)
			continue;
		threads->seats[i].taken = true;
		worker->seat = &threads->seats[i];
		return worker->seat;
	}
	return NULL;
}

static void handle_watches(struct threads *threads)
{
	struct epoll_event event;

	while (!atomic_load(&threads->stopping) &&
	       epoll_wait(threads->epoll_fd, &event, 1, 0) > 0) {
		struct threads_watch *watch = event.data.ptr;

		if (watch->ready(watch->context))
			(void)arm(threads, EPOLL_CTL_MOD, watch);
	}
}

/* Waits for the watches and FD; true when FD is readable. */
static bool wait_for(struct threads *threads, int fd)
{
	struct pollfd fds[2] = {
		{ .fd = threads->epoll_fd, .events = POLLIN },
		{ .fd = fd, .events = POLLIN },
	};

	if (poll(fds, 2, -1) <= 0)
		return false;
	if (fds[0].revents != 0)
		handle_watches(threads);
	return fds[1].revents != 0;
}

/* Waits for a seat, and minds the watches meanwhile. */
static void wait_for_seat(struct worker *worker)
{
	struct threads *threads = worker->threads;
	eventfd_t count;

	worker->waiting = true;
	atomic_fetch_add(&threads->waiting, 1);
	if (wait_for(threads, threads->wake_fd))
		(void)eventfd_read(threads->wake_fd, &count);
	if (worker->waiting)
		atomic_fetch_sub(&threads->waiting, 1);
	worker->waiting = false;
}

static void fail(struct threads *threads)
{
	scoped_lock(&threads->mutex);
	threads->failed = true;
}

/* Gets the next request; 0 when there is none yet. When nobody waits, this thread minds the
 * watches. */
static int next_request(struct worker *worker, struct seat *seat, struct session_buffer *buffer)
{
	struct threads *threads = worker->threads;
	int r = 0;

	atomic_store(&worker->reading, true);
	if (atomic_load(&threads->waiting) > 0 || wait_for(threads, session_fd(seat->session))) {
		if (!atomic_load(&threads->stopping) && worker->seat == seat)
			r = session_read(seat->session, buffer);
	}
	atomic_store(&worker->reading, false);
	return r;
}

/* Reads and handles requests for as long as the seat is this thread's. */
static void lead(struct worker *worker, struct seat *seat, struct session_buffer *buffer)
{
	struct threads *threads = worker->threads;

	while (worker->seat == seat && !atomic_load(&threads->stopping)) {
		int r = next_request(worker, seat, buffer);

		if (r > 0)
			session_handle(seat->session, buffer);
		if (r < 0) {
			fail(threads);
			threads_stop(threads);
		}
	}
}

/* Stopping: threads that still sit in a read are kicked until they are out. */
static void kick_all(struct threads *threads)
{
	static const struct timespec pause = { .tv_nsec = 2000000 };

	for (int i = 0; i < threads->worker_count; i++)
		kick(&threads->workers[i]);
	wake(threads);
	(void)nanosleep(&pause, NULL);
}

static void *work(void *context)
{
	struct worker *worker = context;
	struct threads *threads = worker->threads;
	struct session_buffer buffer = { 0 };

	this_worker = worker;
	while (!atomic_load(&threads->stopping)) {
		struct seat *seat = claim_seat(worker);

		if (seat != NULL)
			lead(worker, seat, &buffer);
		else
			wait_for_seat(worker);
	}
	session_buffer_done(&buffer);
	this_worker = NULL;

	atomic_fetch_sub(&threads->running, 1);
	while (atomic_load(&threads->running) > 0)
		kick_all(threads);
	return NULL;
}

static int start_workers(struct threads *threads, struct error *err)
{
	pthread_attr_t attributes;
	int r = 0;

	(void)pthread_attr_init(&attributes);
	(void)pthread_attr_setstacksize(&attributes, STACK_SIZE);
	for (int i = 1; i < threads->worker_count && r == 0; i++) {
		r = pthread_create(&threads->workers[i].thread, &attributes, work,
				   &threads->workers[i]);
		if (r != 0) {
			(void)error_set(err, r, "start a thread");
			atomic_fetch_sub(&threads->running, threads->worker_count - i);
			threads->worker_count = i;
			threads_stop(threads);
		}
	}
	(void)pthread_attr_destroy(&attributes);
	return -r;
}

int threads_run(struct threads *threads, struct error *err)
{
	int r;

	threads->worker_count = threads->seat_count + 1;
	atomic_store(&threads->running, threads->worker_count);
	threads->workers[0].thread = pthread_self();
	for (int i = 0; i < threads->worker_count; i++)
		threads->workers[i].threads = threads;
	r = start_workers(threads, err);
	(void)work(&threads->workers[0]);
	for (int i = 1; i < threads->worker_count; i++)
		(void)pthread_join(threads->workers[i].thread, NULL);

	threads->worker_count = 0;
	if (r == 0 && threads->failed)
		return error_say(err, ENODEV, "the kernel has closed the device");
	return r;
}
