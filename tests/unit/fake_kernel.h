/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The kernel's end of a session, over a socket: sends requests as CUSE does and collects the
 * answers. All of it on the test's thread; what fails, or is not answered in ten seconds, fails the
 * test.
 */
#ifndef VTPM_TESTS_UNIT_FAKE_KERNEL_H
#define VTPM_TESTS_UNIT_FAKE_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What became of a request. */
struct answer {
	bool sent;     /* the request */
	bool answered; /* once, or the test has failed */
	int error;     /* a negative errno */
	uint8_t data[4200];
	size_t len;
};

#define KERNEL_REQUESTS_MAX 4096

struct kernel {
	int fd;
	uint64_t last;      /* the number of the last request; 0 is none */
	unsigned int wakes; /* notifications of pollers */
	struct answer *answers;
};

/* *SESSION_FD is for session_open(), for which the first request is there already. */
void kernel_start(struct kernel *kernel, int *session_fd);
void kernel_stop(struct kernel *kernel);

/* These return the number of the request. */
uint64_t kernel_open(struct kernel *kernel, int flags);
uint64_t kernel_write(struct kernel *kernel, uint64_t fh, int flags, const void *data, size_t len);
uint64_t kernel_read(struct kernel *kernel, uint64_t fh, size_t len);
uint64_t kernel_poll(struct kernel *kernel, uint64_t fh, uint32_t events);
uint64_t kernel_release(struct kernel *kernel, uint64_t fh);

/* The client of a request got a signal; this one has no answer. */
void kernel_interrupt(struct kernel *kernel, uint64_t request);

/* Waits until REQUEST is answered. */
const struct answer *kernel_wait(struct kernel *kernel, uint64_t request);
void kernel_wait_for_wake(struct kernel *kernel, unsigned int wakes);

/* Takes what has been answered, without waiting: whether REQUEST is. */
bool kernel_is_answered(struct kernel *kernel, uint64_t request);

/* Opens, and waits: the handle. */
uint64_t kernel_open_now(struct kernel *kernel);

#endif
