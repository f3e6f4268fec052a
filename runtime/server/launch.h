/* SPDX-License-Identifier: BSD-3-Clause */
/* A server that is being started: its settings, its descriptors, and the result. */
#ifndef VTPM_RUNTIME_SERVER_LAUNCH_H
#define VTPM_RUNTIME_SERVER_LAUNCH_H

#include <sys/types.h>

#include "util/error.h"

struct lease;
struct lease_vtpm;
struct vtpm_entry;

/* The programs; the directory of leases, process numbers and logs; that of what outlasts a reboot.
 */
struct server_programs {
	const char *server, *setup, *run_dir, *lib_dir;
};

/* Whom a server belongs to; pidfds, -1 for none. */
struct server_owner {
	const struct lease *lease;
	int init_fd;    /* the container's first process */
	int runtime_fd; /* the runtime, whose descriptors a password may be in */
};

struct launch {
	const struct vtpm_entry *entry;
	struct lease_vtpm *vtpm;
	const struct server_owner *owner;
	const struct server_programs *programs;
	char measure[32];        /* as vtpm-cuse --measure has it; "": not, or a launch ... */
	int events_fd;           /* ... with its events in this file */
	int vouch_fd, vouch_end; /* sockets: ours, and the server's, for the host's quote */
	int lock_fd, key_fd, said_fd, cgroup_fd;
	int ready_fd, ready_end; /* a pipe: what we read, and what the server is given */
	pid_t child;
	int result; /* 0: it serves */
	struct error err;
};

#endif
