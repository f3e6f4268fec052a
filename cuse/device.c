/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/device.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cuse/open_file.h"
#include "tpm/resmgr.h"
#include "tpm/tcg.h"
#include "util/bytes.h"

/* A parked read. */
struct reader {
	struct reader *next;
	void *request;
	size_t len;
};

struct device_open {
	struct device *device;
	enum device_node node;
	struct open_file file;
	struct device_open *next; /* of all opens */
	struct device_open *next_turn;
	void *writer; /* a parked write; NULL: none, or it was interrupted */
	size_t written;
	struct reader *readers, **readers_end;
	void *poller;
	void *releaser;
	bool queued;         /* it waits for a turn ... */
	bool running;        /* ... or has it; both, when the next command came quickly */
	bool released;       /* nobody holds it; it goes at the end of its last turn */
	struct space *space; /* what a managed open owns in the TPM; NULL: nothing yet */
};

struct device {
	pthread_mutex_t mutex; /* guards all below but scratch, and what is in the opens */
	struct tpm *tpm;
	struct resmgr *resmgr; /* NULL: there is no managed node */
	struct device_answers answers;
	struct device_open *opens;
	struct device_open *turns, **turns_end; /* opens that wait for the TPM */
	struct device_stats stats;              /* busy: a thread is in run_turns() */
	uint64_t turn;                          /* the number of the one that runs, or ran last */
	unsigned int freeze_reasons;
	bool failed; /* of the thread that has the TPM */
	bool exclusive_open;
	bool ticking;
	uint8_t scratch[TPM_COMMAND_MAX]; /* of the thread in run_turns() */
};

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

/* Lock held: forgets an open that nobody holds. */
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

static void free_open(struct device_open *open)
{
	if (open->poller != NULL)
		open->device->answers.forget_poller(open->poller);
	explicit_bzero(&open->file, sizeof(open->file));
	free(open);
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

	unlink_open(open);
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
	free_open(open);
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

/* The caller has set busy, under the lock. */
static void run_turns(struct device *device)
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

/* Lock held: true when the caller has to run the turns. */
static bool claim_turns(struct device *device)
{
	if (device->stats.busy || device->stats.frozen || device->turns == NULL)
		return false;
	device->stats.busy = true;
	return true;
}

/* Lock held. */
static void queue_turn(struct device_open *open)
{
	open->queued = true;
	open->next_turn = NULL;
	*open->device->turns_end = open;
	open->device->turns_end = &open->next_turn;
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
	queue_turn(open);
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
		run = r == 0 && claim_turns(device);
	}
	if (r < 0)
		device->answers.error(request, r);
	else if (nonblock)
		device->answers.written(request, len);
	if (run)
		run_turns(device);
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
			unlink_open(open);
			return false;
		}
		queue_turn(open); /* to flush what it owns */
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
		run = claim_turns(device);
	}
	if (!later)
		free_open(open);
	if (request != NULL)
		device->answers.released(request);
	if (run)
		run_turns(device);
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
		run = claim_turns(device);
	}
	if (run)
		run_turns(device);
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
	run_turns(device);
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
		if (open->file.state == OPEN_BUSY) {
			struct endings endings = end_command(open, -EPIPE, NULL, 0);

			answer_endings(open, &endings);
		}
		if (open->releaser != NULL)
			device->answers.released(open->releaser);
		free_open(open);
	}
	resmgr_free(device->resmgr);
	explicit_bzero(device->scratch, sizeof(device->scratch));
	(void)pthread_mutex_destroy(&device->mutex);
	free(device);
}
