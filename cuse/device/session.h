/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A session: our end of one node's connection with the kernel, by libfuse. It reads requests,
 * translates them to calls of the device, and translates the answers back.
 */
#ifndef VTPM_CUSE_DEVICE_SESSION_H
#define VTPM_CUSE_DEVICE_SESSION_H

#include "cuse/device/device.h"
#include "util/cleanup.h"

struct error;
struct session;

struct session_options {
	const char *name;          /* the device is to be /dev/NAME */
	unsigned int major, minor; /* 0, 0: the kernel chooses */
	enum device_node kind;
	struct device *device; /* borrowed; must use session_answers */
};

extern const struct device_answers session_answers;

/*
 * Takes over FD, an open /dev/cuse (or a socket whose other end plays the kernel), and answers the
 * kernel's CUSE_INIT. The kernel makes the device while it takes that answer; the caller has to
 * check that it did.
 */
int session_open(const struct session_options *options, int fd, struct session **ret,
		 struct error *err);

/* Clients get ENODEV or ECONNABORTED. */
void session_close(struct session *session);
DEFINE_CLEANUP(struct session, session_close);

/* A descriptor to poll; it stays the session's. */
int session_fd(const struct session *session);

/* The buffer of one thread for a request. */
struct session_buffer {
	void *memory;
	size_t size;
};
void session_buffer_done(struct session_buffer *buffer);

/*
 * Waits for a request; one thread at a time. 1: there is one; 0: there is none, because of a signal
 * or a non-blocking descriptor; -ENODEV: the kernel has closed the device.
 */
int session_read(struct session *session, struct session_buffer *buffer);

/* Handles the request that session_read() has read. Another thread may read meanwhile. */
void session_handle(struct session *session, struct session_buffer *buffer);

#endif
