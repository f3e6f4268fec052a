/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Starts and ends the servers of a container, all at once.
 */
#ifndef VTPM_RUNTIME_SERVER_START_H
#define VTPM_RUNTIME_SERVER_START_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "util/error.h"

struct lease;
struct lease_vtpm;
struct vtpm_entry;

/* The programs, and the directory of process numbers and logs. */
struct server_programs {
	const char *server, *setup, *run_dir;
};

/* Whom a server belongs to; pidfds, -1 for none. */
struct server_owner {
	const struct lease *lease;
	int init_fd;    /* the container's first process */
	int runtime_fd; /* the runtime, whose descriptors a password may be in */
};

struct server {
	const struct vtpm_entry *entry;
	struct lease_vtpm *vtpm;
	const struct server_owner *owner;
	int lock_fd, key_fd, said_fd, cgroup_fd;
	int ready_fd, ready_end; /* a pipe: what we read, and what the server is given */
	pid_t child;
	int result; /* 0: it serves */
	struct error err;
};

void server_init(struct server *server, const struct vtpm_entry *entry, struct lease_vtpm *vtpm,
		 const struct server_owner *owner);
void server_done(struct server *server);

/*
 * Makes the state's directory where the lease says so, and notes there which one it is, or that
 * somebody else has made it meanwhile. Nothing else may be done before that has been written.
 */
void server_make_state(struct server *server);

/*
 * Locks the state, and starts the server, as the owner of a new TPM where one was asked for. The
 * lease then has its process. A failure is kept in the server.
 */
void server_start(struct server *server, const struct server_programs *programs);

/* Waits until it serves, or has said why it does not. */
void server_wait(struct server *server);

/* Ends all servers of LEASE and waits for them; removes what belongs to them alone. */
int servers_stop(const struct lease *lease, const struct server_programs *programs,
		 struct error *err);

#endif
