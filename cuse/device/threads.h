/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The threads that serve: one more than there are nodes, all equal.
 *
 * A thread that reads a node is its leader. Whoever is left waits for everything else: the control
 * socket, signals, the clock. A leader that is about to be away for long (server_relieve()) gives
 * its node up; the waiting thread takes it and, until the first one is back, watches all the rest
 * besides.
 */
#ifndef VTPM_CUSE_DEVICE_THREADS_H
#define VTPM_CUSE_DEVICE_THREADS_H

#include <stdbool.h>
#include <stdint.h>

#include "util/cleanup.h"

struct error;
struct node;
struct server;

#define SERVER_NODES_MAX 2

int server_new(struct server **ret, struct error *err);
void server_free(struct server *server);
DEFINE_CLEANUP(struct server, server_free);

/* Something besides the nodes that is waited for. */
struct server_watch {
	int fd;
	uint32_t events; /* EPOLLPRI; 0: EPOLLIN */
	/* FD is readable or has ended; it is watched again when this returns true. */
	bool (*ready)(void *context);
	void *context;
};

/* WATCH is borrowed until it is no longer watched, or removed. */
int server_watch(struct server *server, struct server_watch *watch);

/* NODE is borrowed. Before server_run(). */
void server_add_node(struct server *server, struct node *node);

/* Serves until server_stop(), or until a node's connection ends, which is -ENODEV. */
int server_run(struct server *server, struct error *err);

/* From any thread: server_run() returns when the commands in flight are done. */
void server_stop(struct server *server);

/* The calling thread leaves its node, or its waiting, to the others. */
void server_relieve(struct server *server);

#endif
