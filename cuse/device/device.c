/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/device/device.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cuse/device/open_file.h"
#include "cuse/device/parked.h"
#include "cuse/device/tap.h"
#include "cuse/device/turns.h"
#include "tpm/space/gate.h"
#include "util/clock.h"

struct device_open {
	struct device *device;
	enum device_node node;
	struct open_file file;
	struct turn turn;
	struct parked parked;
	void *poller;
	uint64_t number;          /* how many were opened up to it */
	struct meter_times times; /* of the command */
	size_t written;           /* what the parked write is answered */
	bool released;            /* nobody holds it; it goes at the end of its last turn */
	struct device_open *next;
	struct space *space; /* what a managed open owns in the TPM; NULL: nothing yet */
};

struct device {
	struct device_options options; /* the gate is for the thread that has the TPM */
	pthread_mutex_t *mutex; /* of the turns: guards all below, and what is in the opens */
	struct device_open *opens;
	struct device_stats stats;
	uint64_t opened; /* ever */
	bool exclusive_open;
	bool ticking;
	uint8_t delivery[TPM_COMMAND_MAX]; /* of the thread that has the TPM */
};

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

/* Lock held. Together they get no more than the one response. */
static struct parked_read *serve_reads(struct device_open *open)
{
	struct parked_read *reads = parked_take_reads(&open->parked);
	uint8_t *data = open->device->delivery;

	for (struct parked_read *read = reads; read != NULL; read = read->next) {
		read->data = data;
		read->n = open_file_read(&open->file, data, read->len);
		if (read->n > 0)
			data += read->n;
	}
	return reads;
}

static void want_ticks(struct device *device)
{
	if (device->ticking)
		return;
	device->ticking = true;
	device->options.start_ticks(device->options.context);
}

/* Lock held. */
static struct endings end_command(struct device_open *open, int error, const uint8_t *response,
				  size_t len)
{
	struct endings endings = {
		.write = take_ptr(open->parked.write),
		.written = open->written,
		.error = error,
		.poller = take_ptr(open->poller),
	};

	if (error < 0)
		open_file_failed(&open->file, error, endings.write != NULL);
	else
		open_file_done(&open->file, response, len);
	endings.reads = serve_reads(open);
	if (open_file_has_response(&open->file) && !open->released)
		want_ticks(open->device);
	return endings;
}

/* Lock held. */
static void unlink_open(struct device_open *open)
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

/* It is unlinked, or the device ends. REQUEST: its release, or NULL. */
static void free_open(struct device_open *open, void *request)
{
	struct device *device = open->device;

	if (open->poller != NULL)
		device->options.answers->forget_poller(open->poller);
	parked_done(&open->parked);
	explicit_bzero(&open->file, sizeof(open->file));
	free(open);
	if (request != NULL)
		device->options.answers->error(request, 0);
}

static void *unlink_released(struct device_open *open)
{
	scoped_lock(open->device->mutex);

	unlink_open(open);
	return take_ptr(open->parked.release);
}

/* Lock held. */
static void count(const struct device_open *open, int r, const uint8_t *response, size_t len)
{
	struct device *device = open->device;
	struct meter *meter = &device->stats.meter;

	if (r == 0)
		meter_answered(meter, device->options.version, open->file.command_len, response,
			       len, &open->times);
	else
		meter_failed(meter, open->file.command_len, &open->times);
}

/* For the thread that has the TPM: nobody else changes a command that is taken. */
static int execute(struct device_open *open, const uint8_t **response, size_t *len)
{
	struct space **space = open->node == NODE_MANAGED ? &open->space : NULL;
	int r;

	if (open->times.begun == 0)
		open->times.begun = monotonic_ns();
	r = gate_execute(open->device->options.gate, space, open->file.buffer,
			 open->file.command_len, response, len);
	open->times.done = monotonic_ns();
	return r;
}

/* Whether somebody listens. */
static bool tap_begin(const struct device_open *open)
{
	const struct tap_command command = {
		.open = open->number,
		.managed = open->node == NODE_MANAGED,
		.arrived_ns = open->times.arrived,
		.bytes = open->file.buffer,
		.len = open->file.command_len,
	};

	return tap_command(open->device->options.tap, &command);
}

static void let_go(struct device_open *open)
{
	gate_leave(open->device->options.gate, open->space);
	free_open(open, unlink_released(open));
}

static void run_open(void *context)
{
	struct device_open *open = context;
	struct device *device = open->device;
	bool has_command = open->file.state == OPEN_BUSY, is_last;
	bool is_tapped = has_command && tap_begin(open);
	struct endings endings = { 0 };
	const uint8_t *response = NULL;
	size_t len = 0;
	int r = has_command ? execute(open, &response, &len) : 0;

	{
		scoped_lock(device->mutex);
		if (has_command) {
			count(open, r, response, len);
			endings = end_command(open, r, response, len);
		}
		turns_end(device->options.turns);
		is_last = open->released && !open->turn.queued;
	}
	/* From here on the open may be gone, unless this was its last turn. */
	answer_endings(device->options.answers, &endings);
	if (is_tapped) /* the response is good until the TPM has another command */
		tap_response(device->options.tap, r, response, len);
	if (is_last)
		let_go(open);
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
	open->turn = (struct turn){ .run = run_open, .context = open };
	parked_init(&open->parked);
	open->next = device->opens;
	device->opens = open;
	device->stats.opens++;
	if (node == NODE_EXCLUSIVE)
		device->exclusive_open = true;
	*ret = take_ptr(open);
	return 0;
}

/* Lock held. Where it is begun at once, the clock is read once less. */
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
			poller = take_ptr(open->poller); /* it can write now */
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

/* Lock held. An interrupt may be late: its open may be gone, and another one in its place. */
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

/* Lock held: false when the open can go at once; else its last turn is to come. */
static bool release_later(struct device_open *open, void *request)
{
	struct turns *turns = open->device->options.turns;

	open->released = true;
	if (!turns_has(turns, &open->turn) && open->space == NULL) {
		unlink_open(open);
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
		free_open(open, request);
	turns_run(device->options.turns, turn);
}

/* Lock held: the pollers of those whose response is gone, as they can write now. */
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
			endings = end_command(open, -EPIPE, NULL, 0);
		answer_endings(device->options.answers, &endings);
		free_open(open, take_ptr(open->parked.release));
	}
	explicit_bzero(device->delivery, sizeof(device->delivery));
	free(device);
}
