/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/device/tap.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>

#include "tpm/conceal.h"
#include "tpm/record.h"
#include "util/bytes.h"
#include "util/clock.h"

struct listener {
	int fd; /* -1: the place is free */
	bool secrets, started;
	uint64_t dropped, told; /* all records left out, and those already reported */
};

struct tap {
	enum tpm_version version;
	pthread_mutex_t mutex; /* guards the listeners */
	struct listener listeners[TAP_LISTENERS_MAX];
	atomic_uint count;         /* listeners that have started */
	struct tap_record *record; /* used by the thread that has the TPM; NULL: no listener yet */
};

struct tap_record {
	struct record head;
	uint64_t arrived_ns;
	uint8_t bytes[RECORD_SIZE_MAX];
};

int tap_new(enum tpm_version version, struct tap **ret)
{
	struct tap *tap = calloc(1, sizeof(*tap));

	if (tap == NULL)
		return -ENOMEM;
	tap->version = version;
	(void)pthread_mutex_init(&tap->mutex, NULL);
	for (int i = 0; i < TAP_LISTENERS_MAX; i++)
		tap->listeners[i].fd = -1;
	*ret = tap;
	return 0;
}

void tap_free(struct tap *tap)
{
	if (tap == NULL)
		return;
	if (tap->record != NULL)
		explicit_bzero(tap->record, sizeof(*tap->record));
	free(tap->record);
	(void)pthread_mutex_destroy(&tap->mutex);
	free(tap);
}

/* Lock held. */
static struct listener *find(struct tap *tap, int fd)
{
	for (int i = 0; i < TAP_LISTENERS_MAX; i++) {
		if (tap->listeners[i].fd == fd)
			return &tap->listeners[i];
	}
	return NULL;
}

int tap_add(struct tap *tap, int fd, bool secrets)
{
	scoped_lock(&tap->mutex);
	struct listener *place = find(tap, -1);

	if (place == NULL)
		return -EBUSY;
	*place = (struct listener){ .fd = fd, .secrets = secrets };
	return 0;
}

void tap_start(struct tap *tap, int fd)
{
	scoped_lock(&tap->mutex);
	struct listener *listener = find(tap, fd);

	if (listener == NULL || listener->started)
		return;
	listener->started = true;
	(void)atomic_fetch_add(&tap->count, 1);
}

uint64_t tap_remove(struct tap *tap, int fd)
{
	scoped_lock(&tap->mutex);
	struct listener *listener = find(tap, fd);

	if (listener == NULL)
		return 0;
	listener->fd = -1;
	if (listener->started)
		(void)atomic_fetch_sub(&tap->count, 1);
	return listener->dropped;
}

/* The command follows the record's header, the response follows the command. */
static uint8_t *command_of(struct tap_record *record)
{
	return record->bytes + RECORD_HEADER_SIZE;
}

bool tap_command(struct tap *tap, const struct tap_command *command)
{
	struct tap_record *record;

	if (tap == NULL || atomic_load_explicit(&tap->count, memory_order_relaxed) == 0)
		return false;
	if (tap->record == NULL)
		tap->record = calloc(1, sizeof(*tap->record));
	record = tap->record;
	if (record == NULL)
		return false;
	record->head = (struct record){
		.open = command->open,
		.managed = command->managed,
		.version = tap->version,
		.command_len = command->len,
	};
	record->arrived_ns = command->arrived_ns;
	memcpy(command_of(record), command->bytes, command->len);
	return true;
}

/*
 * Lock held. Linux writes up to half of a socket's buffer as one piece or not at all, so a record
 * goes out whole or is left out. Only tiny buffers, set by the administrator, can split one: then
 * the listener is given up.
 */
static void send_to(struct listener *listener, struct tap_record *record)
{
	struct record *head = &record->head;
	size_t size;
	ssize_t n;

	head->dropped = listener->dropped - listener->told;
	size = record_encode(head, record->bytes);
	n = send(listener->fd, record->bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n == (ssize_t)size) {
		listener->told = listener->dropped;
		return;
	}
	listener->dropped++;
	if (n >= 0)
		(void)shutdown(listener->fd, SHUT_RDWR);
}

static void send_to_all(struct tap *tap, bool secrets)
{
	tap->record->head.concealed = !secrets;
	for (int i = 0; i < TAP_LISTENERS_MAX; i++) {
		struct listener *each = &tap->listeners[i];

		if (each->fd >= 0 && each->started && each->secrets == secrets)
			send_to(each, tap->record);
	}
}

static void conceal(struct tap_record *record)
{
	const struct record *head = &record->head;
	uint8_t *command = command_of(record);
	uint32_t code = head->command_len >= TPM_HEADER_SIZE ? get_be32(command + 6) : 0;

	tpm_conceal_command(head->version, command, head->command_len);
	tpm_conceal_response(head->version, code, command + head->command_len, head->response_len);
}

/* Computes the time of day of the arrival; it is wrong if the clock was set since. */
void tap_response(struct tap *tap, int r, const uint8_t *response, size_t len)
{
	struct tap_record *record = tap->record;
	struct record *head = &record->head;
	uint64_t now = monotonic_ns();

	head->error = r;
	head->response_len = r == 0 ? len : 0;
	if (r == 0)
		memcpy(command_of(record) + head->command_len, response, len);
	head->took_ns = now - record->arrived_ns;
	head->time_ns = clock_ns(CLOCK_REALTIME) - head->took_ns;
	{
		scoped_lock(&tap->mutex);
		send_to_all(tap, true);
		conceal(record);
		send_to_all(tap, false);
	}
	explicit_bzero(record->bytes, sizeof(record->bytes));
}
