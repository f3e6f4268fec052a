/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Descriptors that are waited for, and what is done when they are ready. Any number of threads may
 * wait; each event is handled by one of them, and a watch by one at a time.
 */
#ifndef VTPM_UTIL_WATCHES_H
#define VTPM_UTIL_WATCHES_H

#include <stdbool.h>
#include <stdint.h>

#include "util/cleanup.h"

struct watches;

struct watch {
	int fd;
	uint32_t events; /* EPOLLPRI; 0: EPOLLIN */
	/*
	 * FD is readable, or has ended. It must not take long, as nothing else is minded meanwhile.
	 * It is watched again when this returns true; else CONTEXT may be gone.
	 */
	bool (*ready)(void *context);
	void *context;
};

int watches_new(struct watches **ret);
void watches_free(struct watches *watches);
DEFINE_CLEANUP(struct watches, watches_free);

/* WATCH is borrowed until it is no longer watched, or its descriptor is closed. */
int watches_add(struct watches *watches, struct watch *watch);

/* Watches again what was not any more. */
int watches_resume(struct watches *watches, struct watch *watch);

/* A descriptor that is readable when watches_handle() has something to do. */
int watches_fd(const struct watches *watches);

/* Handles one event, if there is one. */
void watches_handle(struct watches *watches);

/* watches_fd() is readable for ever: whoever waits for it stops waiting. From any thread. */
void watches_end(struct watches *watches);

#endif
