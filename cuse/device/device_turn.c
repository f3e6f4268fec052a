/* SPDX-License-Identifier: BSD-3-Clause */
/* An open's turn at the TPM: runs, counts and shows its command, and ends commands and opens. */
#include "cuse/device/device_impl.h"

#include <stdlib.h>
#include <string.h>

#include "cuse/device/tap.h"
#include "tpm/space/gate.h"
#include "util/clock.h"

/* Lock held. All parked reads together get the one response. */
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

struct endings device_end_command(struct device_open *open, int error, const uint8_t *response,
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

void device_free_open(struct device_open *open, void *request)
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

	device_unlink_open(open);
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

/* Runs on the thread that has the TPM, without the lock: a command once taken does not change. */
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

/* Shows the command to listeners; false: there are none. */
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
	device_free_open(open, unlink_released(open));
}

void device_run_turn(void *context)
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
			endings = device_end_command(open, r, response, len);
		}
		turns_end(device->options.turns);
		is_last = open->released && !open->turn.queued;
	}
	/* From here on another thread may free the open, unless this was its last turn. */
	answer_endings(device->options.answers, &endings);
	if (is_tapped) /* the response is valid until the TPM's next command */
		tap_response(device->options.tap, r, response, len);
	if (is_last)
		let_go(open);
}
