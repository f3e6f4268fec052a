/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/device/device_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tpm/space/resmgr.h"

int device_new(struct tpm *tpm, const struct device_answers *answers, struct device **ret)
{
	struct device *device = calloc(1, sizeof(*device));

	if (device == NULL)
		return -ENOMEM;
	(void)pthread_mutex_init(&device->mutex, NULL);
	device->tpm = tpm;
	device->answers = *answers;
	device->turns_end = &device->turns;
	*ret = device;
	return 0;
}

void device_unlink_open(struct device_open *open)
{
	struct device *device = open->device;
	struct device_open **link = &device->opens;

	while (*link != open)
		link = &(*link)->next;
	*link = open->next;
	device->stats.opens--;
	if (open->node == NODE_EXCLUSIVE)
		device->exclusive_open = false;
}

void device_free_open(struct device_open *open)
{
	if (open->poller != NULL)
		open->device->answers.forget_poller(open->poller);
	explicit_bzero(&open->file, sizeof(open->file));
	free(open);
}

int device_open(struct device *device, enum device_node node, struct device_open **ret)
{
	cleanup_free struct device_open *open = calloc(1, sizeof(*open));
	scoped_lock(&device->mutex);

	if (open == NULL)
		return -ENOMEM;
	if (node == NODE_EXCLUSIVE && device->exclusive_open)
		return -EBUSY;
	if (device->stats.opens >= DEVICE_OPENS_MAX)
		return -EMFILE;

	open->device = device;
	open->node = node;
	open->readers_end = &open->readers;
	open->next = device->opens;
	device->opens = open;
	device->stats.opens++;
	if (node == NODE_EXCLUSIVE)
		device->exclusive_open = true;
	*ret = take_ptr(open);
	return 0;
}

/* Lock held: 0 and the command is queued, and the request parked if its answer comes later. */
static int take_command(struct device_open *open, const uint8_t *data, size_t len, bool nonblock,
			void *request)
{
	int r = open_file_write(&open->file, data, len);

	if (r < 0)
		return r;
	if (!nonblock && !open->device->answers.park(request, open)) {
		open_file_failed(&open->file, -EINTR, true);
		return -EINTR;
	}
	open->writer = nonblock ? NULL : request;
	open->written = len;
	device_queue_turn(open);
	return 0;
}

void device_write(struct device_open *open, const uint8_t *data, size_t len, bool nonblock,
		  void *request)
{
	struct device *device = open->device;
	bool run;
	int r;

	{
		scoped_lock(&device->mutex);
		r = take_command(open, data, len, nonblock, request);
		run = r == 0 && device_claim_turns(device);
	}
	if (r < 0)
		device->answers.error(request, r);
	else if (nonblock)
		device->answers.written(request, len);
	if (run)
		device_run_turns(device);
}

/* Lock held: 0 or a negative errno for the reader. */
static int park_reader(struct device_open *open, size_t len, void *request)
{
	cleanup_free struct reader *reader = calloc(1, sizeof(*reader));

	if (reader == NULL)
		return -ENOMEM;
	if (!open->device->answers.park(request, open))
		return -EINTR;

	reader->request = request;
	reader->len = len;
	*open->readers_end = reader;
	open->readers_end = &reader->next;
	(void)take_ptr(reader);
	return 0;
}

void device_read(struct device_open *open, size_t len, void *request)
{
	const struct device_answers *answers = &open->device->answers;
	uint8_t data[TPM_COMMAND_MAX];
	void *poller = NULL;
	ssize_t n;

	{
		scoped_lock(&open->device->mutex);
		n = open_file_read(&open->file, data, len);
		if (n == -EINPROGRESS) {
			n = park_reader(open, len, request);
			if (n == 0)
				return;
		}
		if (open->file.state == OPEN_IDLE)
			poller = take_ptr(open->poller); /* it can write now */
	}
	if (poller != NULL)
		answers->wake_poller(poller);
	if (n < 0)
		answers->error(request, (int)n);
	else
		answers->data(request, data, (size_t)n);
	if (n > 0)
		explicit_bzero(data, (size_t)n);
}

uint32_t device_poll(struct device_open *open, uint32_t events, void *poller)
{
	void *unwanted = poller;
	uint32_t mask;

	{
		scoped_lock(&open->device->mutex);
		mask = open_file_poll(&open->file);
		if ((mask & events) == 0 && poller != NULL) {
			unwanted = open->poller;
			open->poller = poller;
		}
	}
	if (unwanted != NULL)
		open->device->answers.forget_poller(unwanted);
	return mask;
}

/* Lock held: whether REQUEST was one of the parked reads. */
static bool remove_reader(struct device_open *open, const void *request)
{
	for (struct reader **link = &open->readers; *link != NULL; link = &(*link)->next) {
		struct reader *reader = *link;

		if (reader->request != request)
			continue;
		*link = reader->next;
		if (open->readers_end == &reader->next)
			open->readers_end = link;
		free(reader);
		return true;
	}
	return false;
}

/* Lock held. An interrupt may be late: its open may be gone, and another one in its place. */
static bool is_open(const struct device *device, const struct device_open *open)
{
	const struct device_open *each = device->opens;

	while (each != NULL && each != open)
		each = each->next;
	return each != NULL;
}

/* Lock held: whether REQUEST was a parked write or read. */
static bool unpark(struct device_open *open, const void *request)
{
	if (open->writer != request)
		return remove_reader(open, request);
	open->writer = NULL;
	return true;
}

void device_interrupt(struct device *device, struct device_open *open, void *request)
{
	bool was_parked = false, was_release = false;

	{
		scoped_lock(&device->mutex);
		if (!is_open(device, open))
			return;
		was_release = open->releaser == request;
		if (was_release)
			open->releaser = NULL;
		else
			was_parked = unpark(open, request);
	}
	if (was_parked)
		device->answers.error(request, -EINTR);
	if (was_release)
		device->answers.released(request);
}

/* Lock held: false when the open can go at once. */
static bool release_later(struct device_open *open, void **request)
{
	open->released = true;
	if (!open->queued && !open->running) {
		if (open->space == NULL) {
			device_unlink_open(open);
			return false;
		}
		device_queue_turn(open); /* to flush what it owns */
	}
	if (*request != NULL && open->device->answers.park(*request, open))
		open->releaser = take_ptr(*request);
	return true;
}

void device_release(struct device_open *open, void *request)
{
	struct device *device = open->device;
	bool later, run;

	{
		scoped_lock(&device->mutex);
		later = release_later(open, &request);
		run = device_claim_turns(device);
	}
	if (!later)
		device_free_open(open);
	if (request != NULL)
		device->answers.released(request);
	if (run)
		device_run_turns(device);
}

bool device_tick(struct device *device)
{
	bool more = false;
	scoped_lock(&device->mutex);

	for (struct device_open *open = device->opens; open != NULL; open = open->next) {
		/* A poller that waits to write can: the response is gone. */
		if (open_file_tick(&open->file) && open->poller != NULL)
			device->answers.wake_poller(take_ptr(open->poller));
		more = more || open_file_has_response(&open->file);
	}
	device->ticking = more;
	return more;
}

void device_get_stats(struct device *device, struct device_stats *ret)
{
	scoped_lock(&device->mutex);
	*ret = device->stats;
}

void device_free(struct device *device)
{
	struct device_open *next;

	if (device == NULL)
		return;
	for (struct device_open *open = device->opens; open != NULL; open = next) {
		next = open->next;
		if (open->file.state == OPEN_BUSY)
			device_abandon_command(open);
		if (open->releaser != NULL)
			device->answers.released(open->releaser);
		device_free_open(open);
	}
	resmgr_free(device->resmgr);
	explicit_bzero(device->scratch, sizeof(device->scratch));
	(void)pthread_mutex_destroy(&device->mutex);
	free(device);
}
