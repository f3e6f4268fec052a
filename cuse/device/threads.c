/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/device/threads_impl.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>

#include "cuse/device/session.h"
#include "util/error.h"
#include "util/watches.h"

/* libtpms puts copies of its state on the stack, 176 KiB each. */
#define STACK_SIZE (1024 * 1024)

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
	if (threads->wake_fd < 0 || duty_prepare() < 0)
		return error_set(err, errno, "start serving");
	*ret = take_ptr(threads);
	return 0;
}

void threads_free(struct threads *threads)
{
	if (threads == NULL)
		return;
	if (threads->worker_count > 0) { /* the threads still wait at the gate */
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

/* Waits for the watches and FD, and handles one event of a watch. */
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

/* Reads and handles requests while this thread leads the seat. */
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

static void *work(void *context)
{
	struct worker *worker = context;
	struct session_buffer buffer = { 0 };
	struct threads_job *job;
	enum duty duty;

	duty_begin(worker);
	while ((duty = duty_next(worker, &job)) != DUTY_END) {
		if (duty == DUTY_LEAD)
			lead(worker, &buffer);
		else if (duty == DUTY_JOB)
			job->run(job->context);
		else
			mind(worker->threads);
	}
	session_buffer_done(&buffer);
	duty_end();
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
