/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/device/device.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cuse/device/device_impl.h"
#include "util/clock.h"

int device_new(const struct device_options *options, struct device **ret)
{
	struct device *device = calloc(1, sizeof(*device));

	if (device == NULL)
		return -ENOMEM;
	device->options = *options;
	device->mutex = turns_mutex(options->turns);
	*ret = device;
	return 0;
}

int device_open(struct device *device, enum device_node node, struct device_open **ret)
{
	cleanup_free struct device_open *open = calloc(1, sizeof(*open));
	scoped_lock(device->mutex);

	if (open == NULL)
		return -ENOMEM;
	if (node == NODE_EXCLUSIVE && device->exclusive_open)
		return -EBUSY;
	if (device->stats.opens >= DEVICE_OPENS_MAX)
		return -EMFILE;

	open->device = device;
	open->number = ++device->opened;
	open->node = node;
	open->turn = (struct turn){ .run = device_run_turn, .context = open };
	parked_init(&open->parked);
	open->next = device->opens;
	device->opens = open;
	device->stats.opens++;
	if (node == NODE_EXCLUSIVE)
		device->exclusive_open = true;
	*ret = take_ptr(open);
	return 0;
}

/* Lock held. A command that begins at once needs only one reading of the clock. */
static void note_arrival(struct device_open *open, bool at_once)
{
	uint64_t now = monotonic_ns();

	open->times = (struct meter_times){ .arrived = now, .begun = at_once ? now : 0 };
}

void device_write(struct device_open *open, const uint8_t *data, size_t len, bool nonblock,
		  void *request)
{
	struct device *device = open->device;
	struct turn *turn = NULL;
	int r;

	{
		scoped_lock(device->mutex);
		r = open_file_write(&open->file, data, len);
		if (r == 0) {
			open->parked.write = nonblock ? NULL : request;
			open->written = len;
			turns_queue(device->options.turns, &open->turn);
			turn = turns_begin(device->options.turns);
			note_arrival(open, turn == &open->turn);
		}
	}
	if (r < 0)
		device->options.answers->error(request, r);
	else if (nonblock)
		device->options.answers->written(request, len);
	turns_run(device->options.turns, turn);
}

ssize_t device_read(struct device_open *open, uint8_t *data, size_t len, void *request)
{
	struct device *device = open->device;
	void *poller = NULL;
	ssize_t n;

	{
		scoped_lock(device->mutex);
		n = open_file_read(&open->file, data, len);
		if (n == -EINPROGRESS && request != NULL &&
		    parked_add_read(&open->parked, len, request) < 0)
			n = -ENOMEM;
		if (open->file.state == OPEN_IDLE)
			poller = take_ptr(open->poller); /* the client can write now */
	}
	if (poller != NULL)
		device->options.answers->wake_poller(poller);
	return n;
}

uint32_t device_poll(struct device_open *open, uint32_t events, void *poller)
{
	void *unwanted = poller;
	uint32_t mask;

	{
		scoped_lock(open->device->mutex);
		mask = open_file_poll(&open->file);
		if ((mask & events) == 0 && poller != NULL) {
			unwanted = open->poller;
			open->poller = poller;
		}
	}
	if (unwanted != NULL)
		open->device->options.answers->forget_poller(unwanted);
	return mask;
}

/* Lock held. An interrupt may come late, when its open is gone and another has its address. */
static bool is_open(const struct device *device, const struct device_open *open)
{
	const struct device_open *each = device->opens;

	while (each != NULL && each != open)
		each = each->next;
	return each != NULL;
}

void device_interrupt(struct device *device, struct device_open *open, void *request)
{
	enum parked_kind kind = PARKED_NOT;

	{
		scoped_lock(device->mutex);
		if (is_open(device, open))
			kind = parked_remove(&open->parked, request);
	}
	if (kind != PARKED_NOT)
		device->options.answers->error(request, kind == PARKED_COMMAND ? -EINTR : 0);
}

/* Lock held. False: the caller frees the open at once. True: the open's last turn will free it. */
static bool release_later(struct device_open *open, void *request)
{
	struct turns *turns = open->device->options.turns;

	open->released = true;
	if (!turns_has(turns, &open->turn) && open->space == NULL) {
		device_unlink_open(open);
		return false;
	}
	if (!open->turn.queued)
		turns_queue(turns, &open->turn);
	open->parked.release = request;
	return true;
}

void device_release(struct device_open *open, void *request)
{
	struct device *device = open->device;
	struct turn *turn;
	bool later;

	{
		scoped_lock(device->mutex);
		later = release_later(open, request);
		turn = turns_begin(device->options.turns);
	}
	if (!later)
		device_free_open(open, request);
	turns_run(device->options.turns, turn);
}

/* Lock held. Collects the pollers of opens whose response was dropped: they can write now. */
static size_t tick_all(struct device *device, void *pollers[static DEVICE_OPENS_MAX])
{
	size_t n = 0;

	device->ticking = false;
	for (struct device_open *open = device->opens; open != NULL; open = open->next) {
		if (open_file_tick(&open->file) && open->poller != NULL)
			pollers[n++] = take_ptr(open->poller);
		if (open_file_has_response(&open->file))
			device->ticking = true;
	}
	return n;
}

bool device_tick(struct device *device)
{
	void *pollers[DEVICE_OPENS_MAX];
	size_t n;
	bool more;

	{
		scoped_lock(device->mutex);
		n = tick_all(device, pollers);
		more = device->ticking;
	}
	for (size_t i = 0; i < n; i++)
		device->options.answers->wake_poller(pollers[i]);
	return more;
}

void device_get_stats(struct device *device, struct device_stats *ret)
{
	scoped_lock(device->mutex);
	*ret = device->stats;
}

void device_free(struct device *device)
{
	struct device_open *next;

	if (device == NULL)
		return;
	for (struct device_open *open = device->opens; open != NULL; open = next) {
		struct endings endings = { 0 };

		next = open->next;
		if (open->file.state == OPEN_BUSY)
			endings = device_end_command(open, -EPIPE, NULL, 0);
		answer_endings(device->options.answers, &endings);
		device_free_open(open, take_ptr(open->parked.release));
	}
	explicit_bzero(device->delivery, sizeof(device->delivery));
	free(device);
}
