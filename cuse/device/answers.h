/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How requests and pollers end: the device decides, and whoever brought them answers.
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

	/* Tells a poller that something has changed, or nothing. */
	void (*wake_poller)(void *poller);
	void (*forget_poller)(void *poller);
};

/* What became answerable when a command ended; collected under the lock, answered without it. */
struct endings {
	void *write; /* NULL: none; so for the poller */
	size_t written;
	int error;
	struct parked_read *reads; /* which say what they are answered */
	void *poller;
};

/* Frees the reads, and wipes what they were answered. */
void answer_endings(const struct device_answers *answers, const struct endings *endings);

#endif
