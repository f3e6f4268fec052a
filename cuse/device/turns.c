/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/device/device_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tpm/space/resmgr.h"
#include "tpm/tcg.h"
#include "util/bytes.h"

/* What became answerable when a command ended; collected under the lock, answered without it. */
struct endings {
	void *writer;
	size_t written;
	int error;
	struct reader *readers;
	void *poller;
};

static void answer_endings(struct device_open *open, const struct endings *endings)
{
	const struct device_answers *answers = &open->device->answers;

	if (endings->writer != NULL && endings->error < 0)
		answers->error(endings->writer, endings->error);
	else if (endings->writer != NULL)
		answers->written(endings->writer, endings->written);
	if (endings->poller != NULL)
		answers->wake_poller(endings->poller);

	for (struct reader *reader = endings->readers, *next; reader != NULL; reader = next) {
		next = reader->next;
		device_read(open, reader->len, reader->request);
		free(reader);
	}
}

static struct reader *take_readers(struct device_open *open)
{
	struct reader *readers = take_ptr(open->readers);

	open->readers_end = &open->readers;
	return readers;
}

static void want_ticks(struct device *device)
{
	if (device->ticking)
		return;
	device->ticking = true;
	device->answers.start_ticks(device->answers.context);
}

/* Lock held. */
static struct endings end_command(struct device_open *open, int error, const uint8_t *response,
				  size_t len)
{
	struct endings endings = {
		.writer = take_ptr(open->writer),
		.written = open->written,
		.error = error,
		.readers = take_readers(open),
		.poller = take_ptr(open->poller),
	};

	if (error < 0)
		open_file_failed(&open->file, error, endings.writer != NULL);
	else
		open_file_done(&open->file, response, len);
	if (open_file_has_response(&open->file) && !open->released)
		want_ticks(open->device);
	return endings;
}

static void sleep_ms(unsigned int ms)
{
	struct timespec left = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };

	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		continue;
}

/* Codes that mean "send it again": a client of the kernel's driver never sees them either. */
static bool wants_resending(const struct device *device, uint32_t command, uint32_t code)
{
	if (tpm_get_version(device->tpm) != TPM_VERSION_2)
		return false;
	if (code == TPM2_RC_TESTING)
		return command != TPM2_CC_SelfTest;
	return code == TPM2_RC_RETRY || code == TPM2_RC_YIELDED;
}

/* Runs a command as tpm_transmit() of the kernel does: delays of 20, 40, ... 1280 ms between tries.
 */
static int transmit(void *context, const uint8_t *command, size_t len, const uint8_t **response,
		    size_t *response_len)
{
	struct device *device = context;
	uint32_t code = len >= TPM_HEADER_SIZE ? get_be32(command + 6) : 0;

	if (len == 0)
		return -ENODATA;
	if (tpm_command_is_long(tpm_get_version(device->tpm), code))
		device_relieve(device);

	for (unsigned int delay = 20;; delay *= 2) {
		int r;

		/* libtpms decrypts parameters in place: each try gets the command as it was. */
		memcpy(device->scratch, command, len);
		r = tpm_execute(device->tpm, device->scratch, len, response, response_len);
		if (r < 0 || delay > 2000 ||
		    !wants_resending(device, code, get_be32(*response + 6)))
			return r;
		device_relieve(device);
		sleep_ms(delay);
	}
}

static void count(struct device_stats *stats, int r, const uint8_t *response)
{
	if (r < 0)
		stats->failures++;
	else
		stats->commands++;
	if (r == 0 && get_be32(response + 6) != 0)
		stats->errors++;
}

int device_manage(struct device *device, struct error *err)
{
	struct tpm_executor executor = { .execute = transmit, .context = device };

	return resmgr_new(&executor, &device->resmgr, err);
}

static int ask_tpm(struct device_open *open, const uint8_t **response, size_t *len)
{
	struct device *device = open->device;
	const uint8_t *command = open->file.buffer;
	size_t command_len = open->file.command_len;
	int r = 0;

	if (device->resmgr == NULL)
		return transmit(device, command, command_len, response, len);
	if (open->node == NODE_MANAGED && open->space == NULL)
		r = resmgr_open(device->resmgr, &open->space);
	if (r < 0)
		return r;
	return resmgr_execute(device->resmgr, open->space, command, command_len, response, len);
}

static void answer_failure(const struct device *device, const uint8_t **response, size_t *len)
{
	static const uint8_t failure_2[TPM_HEADER_SIZE] = { 0x80, 0x01, 0, 0,    0,
							    10,   0,    0, 0x01, 0x01 };
	static const uint8_t failure_12[TPM_HEADER_SIZE] = {
		0x00, 0xc4, 0, 0, 0, 10, 0, 0, 0, 0x09
	};

	*response = tpm_get_version(device->tpm) == TPM_VERSION_2 ? failure_2 : failure_12;
	*len = TPM_HEADER_SIZE;
}

static int execute(struct device_open *open, const uint8_t **response, size_t *len)
{
	struct device *device = open->device;
	int r = 0;

	if (!device->failed)
		r = ask_tpm(open, response, len);
	if (!device->failed)
		return r;
	answer_failure(device, response, len);
	return 0;
}

static void run_command(struct device_open *open)
{
	struct device *device = open->device;
	const uint8_t *response = NULL;
	size_t len = 0;
	struct endings endings;
	int r = execute(open, &response, &len);

	{
		scoped_lock(&device->mutex);
		count(&device->stats, r, response);
		endings = end_command(open, r, response, len);
	}
	answer_endings(open, &endings);
}

/* True when that was the last turn: nobody can ask for another one. */
static bool end_turn(struct device_open *open)
{
	scoped_lock(&open->device->mutex);

	open->running = false;
	return open->released && !open->queued;
}

static void *unlink_released(struct device_open *open)
{
	scoped_lock(&open->device->mutex);

	device_unlink_open(open);
	return take_ptr(open->releaser);
}

static void run_turn(struct device_open *open)
{
	struct device *device = open->device;
	void *releaser;

	if (open->file.state == OPEN_BUSY)
		run_command(open);
	if (!end_turn(open))
		return;

	if (open->space != NULL)
		resmgr_close(device->resmgr, open->space);
	releaser = unlink_released(open);
	device_free_open(open);
	if (releaser != NULL)
		device->answers.released(releaser);
}

static struct device_open *next_turn(struct device *device)
{
	struct device_open *open;
	scoped_lock(&device->mutex);

	open = device->stats.frozen ? NULL : device->turns;
	device->stats.busy = open != NULL;
	if (open == NULL)
		return NULL;
	device->turns = open->next_turn;
	if (device->turns == NULL)
		device->turns_end = &device->turns;
	open->queued = false;
	open->running = true;
	device->turn++;
	return open;
}

void device_run_turns(struct device *device)
{
	bool others = false;
	struct device_open *open;

	while ((open = next_turn(device)) != NULL) {
		if (others) /* what is run for others is no time of ours */
			device_relieve(device);
		run_turn(open);
		others = true;
	}
}

bool device_claim_turns(struct device *device)
{
	if (device->stats.busy || device->stats.frozen || device->turns == NULL)
		return false;
	device->stats.busy = true;
	return true;
}

void device_queue_turn(struct device_open *open)
{
	open->queued = true;
	open->next_turn = NULL;
	*open->device->turns_end = open;
	open->device->turns_end = &open->next_turn;
}

void device_relieve(struct device *device)
{
	device->answers.relieve(device->answers.context);
}

void device_freeze(struct device *device, enum freeze_reason reason)
{
	scoped_lock(&device->mutex);
	device->freeze_reasons |= reason;
	device->stats.frozen = true;
}

void device_thaw(struct device *device, enum freeze_reason reason)
{
	bool run;

	{
		scoped_lock(&device->mutex);
		device->freeze_reasons &= ~(unsigned int)reason;
		device->stats.frozen = device->freeze_reasons != 0;
		run = device_claim_turns(device);
	}
	if (run)
		device_run_turns(device);
}

int device_cancel(struct device *device, uint64_t *turn)
{
	scoped_lock(&device->mutex);

	if (!device->stats.busy || (*turn != 0 && *turn != device->turn))
		return -ESRCH;
	*turn = device->turn;
	return tpm_cancel(device->tpm);
}

int device_take_tpm(struct device *device)
{
	scoped_lock(&device->mutex);

	if (device->stats.busy)
		return -EBUSY;
	device->stats.busy = true;
	return 0;
}

/* What queued up meanwhile runs here. */
void device_return_tpm(struct device *device)
{
	device_run_turns(device);
}

void device_fail(struct device *device)
{
	device->failed = true;
}

void device_forget_failure(struct device *device)
{
	device->failed = false;
	if (device->resmgr != NULL)
		resmgr_forget_all(device->resmgr);
}

int device_evict_all(struct device *device)
{
	return device->resmgr != NULL ? resmgr_evict_all(device->resmgr) : 0;
}

void device_abandon_command(struct device_open *open)
{
	struct endings endings = end_command(open, -EPIPE, NULL, 0);

	answer_endings(open, &endings);
}
