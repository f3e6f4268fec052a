/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/device/threads.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>

#include "cuse/device/node.h"
#include "util/error.h"

/* Interrupts a read of a node; nothing else happens when it arrives. */
#define KICK SIGURG

/* libtpms keeps copies of its state on the stack, 176 KiB each. */
#define STACK_SIZE (1024 * 1024)

struct worker {
	struct server *server;
	pthread_t thread;
	struct node *node;   /* it leads; NULL: none */
	bool waiting;        /* it is counted in server->waiting */
	atomic_bool reading; /* it may sit in a system call that a kick ends */
};

/* The worker that a thread is; NULL for threads of others. */
static __thread struct worker *this_worker;

struct server {
	pthread_mutex_t mutex; /* guards failed, and whether a node is led */
	struct node *nodes[SERVER_NODES_MAX];
	struct worker workers[SERVER_NODES_MAX + 1];
	int node_count, worker_count;
	int epoll_fd;
	int wake_fd; /* an eventfd for those who wait: a node was given up, or the end has come */
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

int server_new(struct server **ret, struct error *err)
{
	cleanup_with(server_freep) struct server *server = calloc(1, sizeof(*server));

	if (server == NULL)
		return error_set(err, ENOMEM, "start serving");
	(void)pthread_mutex_init(&server->mutex, NULL);
	server->wake_fd = -1;
	server->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (server->epoll_fd < 0)
		return error_set(err, errno, "start serving");
	server->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (server->wake_fd < 0 || prepare_signals() < 0)
		return error_set(err, errno, "start serving");
	*ret = take_ptr(server);
	return 0;
}

void server_free(struct server *server)
{
	if (server == NULL)
		return;
	closep(&server->epoll_fd);
	closep(&server->wake_fd);
	(void)pthread_mutex_destroy(&server->mutex);
	free(server);
}

/* One thread at a time handles a watch: it is armed again when it has been handled. */
static int arm(struct server *server, int operation, struct server_watch *watch)
{
	uint32_t wanted = watch->events != 0 ? watch->events : EPOLLIN;
	struct epoll_event event = { .events = wanted | EPOLLONESHOT, .data.ptr = watch };

	return epoll_ctl(server->epoll_fd, operation, watch->fd, &event) < 0 ? -errno : 0;
}

int server_watch(struct server *server, struct server_watch *watch)
{
	return arm(server, EPOLL_CTL_ADD, watch);
}

void server_add_node(struct server *server, struct node *node)
{
	server->nodes[server->node_count++] = node;
}

static void wake(struct server *server)
{
	(void)eventfd_write(server->wake_fd, 1);
}

static void kick(struct worker *worker)
{
	if (atomic_load(&worker->reading))
		(void)pthread_kill(worker->thread, KICK);
}

/* True when the worker led a node. */
static bool give_node_up(struct worker *worker)
{
	scoped_lock(&worker->server->mutex);

	if (worker->node == NULL)
		return false;
	worker->node->led = false;
	worker->node = NULL;
	return true;
}

void server_relieve(struct server *server)
{
	struct worker *worker = this_worker;

	if (worker == NULL || worker->server != server)
		return;
	if (give_node_up(worker)) {
		wake(server);
	} else if (worker->waiting) {
		/* It was the one that waited: a leader has to look after the watches now. */
		worker->waiting = false;
		atomic_fetch_sub(&server->waiting, 1);
		kick(&server->workers[worker == &server->workers[0] ? 1 : 0]);
	}
}

void server_stop(struct server *server)
{
	atomic_store(&server->stopping, true);
	wake(server);
}

/* Makes the worker the leader of a node that has none. */
static struct node *claim_node(struct worker *worker)
{
	struct server *server = worker->server;
	scoped_lock(&server->mutex);

	for (int i = 0; i < server->node_count; i++) {
		if (server->nodes[i]->led)
			continue;
		server->nodes[i]->led = true;
		worker->node = server->nodes[i];
		return worker->node;
	}
	return NULL;
}

static void handle_watches(struct server *server)
{
	struct epoll_event event;

	while (!atomic_load(&server->stopping) && epoll_wait(server->epoll_fd, &event, 1, 0) > 0) {
		struct server_watch *watch = event.data.ptr;

		if (watch->ready(watch->context))
			(void)arm(server, EPOLL_CTL_MOD, watch);
	}
}

/* Waits for the watches and FD; true when FD is readable. */
static bool wait_for(struct server *server, int fd)
{
	struct pollfd fds[2] = {
		{ .fd = server->epoll_fd, .events = POLLIN },
		{ .fd = fd, .events = POLLIN },
	};

	if (poll(fds, 2, -1) <= 0)
		return false;
	if (fds[0].revents != 0)
		handle_watches(server);
	return fds[1].revents != 0;
}

/* Waits for a node to lead, and minds the watches meanwhile. */
static void wait_for_node(struct worker *worker)
{
	struct server *server = worker->server;
	eventfd_t count;

	worker->waiting = true;
	atomic_fetch_add(&server->waiting, 1);
	if (wait_for(server, server->wake_fd))
		(void)eventfd_read(server->wake_fd, &count);
	if (worker->waiting)
		atomic_fetch_sub(&server->waiting, 1);
	worker->waiting = false;
}

static void fail(struct server *server)
{
	scoped_lock(&server->mutex);
	server->failed = true;
}

/* Gets the next request; 0 when there is none yet. When nobody waits, this thread minds the
 * watches. */
static int next_request(struct worker *worker, struct node *node, struct node_buffer *buffer)
{
	struct server *server = worker->server;
	int r = 0;

	atomic_store(&worker->reading, true);
	if (atomic_load(&server->waiting) > 0 || wait_for(server, node->fd)) {
		if (!atomic_load(&server->stopping) && worker->node == node)
			r = node_read(node, buffer);
	}
	atomic_store(&worker->reading, false);
	return r == -EINTR ? 0 : r;
}

/* Reads and handles requests for as long as the node is this thread's. */
static void lead(struct worker *worker, struct node *node, struct node_buffer *buffer)
{
	struct server *server = worker->server;

	while (worker->node == node && !atomic_load(&server->stopping)) {
		int r = next_request(worker, node, buffer);

		if (r > 0)
			node_handle(node, buffer);
		if (r < 0) {
			fail(server);
			server_stop(server);
		}
	}
}

/* Stopping: threads that still sit in a read are kicked until they are out. */
static void kick_all(struct server *server)
{
	static const struct timespec pause = { .tv_nsec = 2000000 };

	for (int i = 0; i < server->worker_count; i++)
		kick(&server->workers[i]);
	wake(server);
	(void)nanosleep(&pause, NULL);
}

static void *work(void *context)
{
	struct worker *worker = context;
	struct server *server = worker->server;
	struct node_buffer buffer = { 0 };

	this_worker = worker;
	while (!atomic_load(&server->stopping)) {
		struct node *node = claim_node(worker);

		if (node != NULL)
			lead(worker, node, &buffer);
		else
			wait_for_node(worker);
	}
	node_buffer_done(&buffer);
	this_worker = NULL;

	atomic_fetch_sub(&server->running, 1);
	while (atomic_load(&server->running) > 0)
		kick_all(server);
	return NULL;
}

static int start_workers(struct server *server, struct error *err)
{
	pthread_attr_t attributes;
	int r = 0;

	(void)pthread_attr_init(&attributes);
	(void)pthread_attr_setstacksize(&attributes, STACK_SIZE);
	for (int i = 1; i < server->worker_count && r == 0; i++) {
		r = pthread_create(&server->workers[i].thread, &attributes, work,
				   &server->workers[i]);
		if (r != 0) {
			(void)error_set(err, r, "start a thread");
			atomic_fetch_sub(&server->running, server->worker_count - i);
			server->worker_count = i;
			server_stop(server);
		}
	}
	(void)pthread_attr_destroy(&attributes);
	return -r;
}

int server_run(struct server *server, struct error *err)
{
	int r;

	server->worker_count = server->node_count + 1;
	atomic_store(&server->running, server->worker_count);
	server->workers[0].thread = pthread_self();
	for (int i = 0; i < server->worker_count; i++)
		server->workers[i].server = server;
	r = start_workers(server, err);
	(void)work(&server->workers[0]);
	for (int i = 1; i < server->worker_count; i++)
		(void)pthread_join(server->workers[i].thread, NULL);

	server->worker_count = 0;
	if (r == 0 && server->failed)
		return error_say(err, ENODEV, "the kernel has closed the device");
	return r;
}
