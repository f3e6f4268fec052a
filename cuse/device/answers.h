/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How requests and pollers end: the device decides, and the session that brought them sends the
 * answer.
 */
#ifndef VTPM_CUSE_DEVICE_ANSWERS_H
#define VTPM_CUSE_DEVICE_ANSWERS_H

#include <stddef.h>
#include <stdint.h>

struct parked_read;

/* Called without a lock, on any thread. */
struct device_answers {
	void (*error)(void *request, int error); /* a negative errno, or 0: done */
	void (*written)(void *request, size_t len);
	void (*data)(void *request, const uint8_t *data, size_t len);

	/* Wakes a poller; the wake-up may be spurious. */
	void (*wake_poller)(void *poller);
	void (*forget_poller)(void *poller);
};

/* The answers that the end of a command allows: collected under the lock, sent without it. */
struct endings {
	void *write; /* NULL: none; likewise the poller */
	size_t written;
	int error;
	struct parked_read *reads; /* each holds its own answer */
	void *poller;
};

/* Sends the answers, then wipes and frees the reads. */
void answer_endings(const struct device_answers *answers, const struct endings *endings);

#endif
