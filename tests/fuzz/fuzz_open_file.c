/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One open of the device under any order of calls: a command of the right length is taken or
 * refused as its state says, a response is read once, in order, and no byte of it stays.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "cuse/device/open_file.h"
#include "util/bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a reader has to get, byte by byte. */
struct expected {
	uint8_t response[TPM_COMMAND_MAX];
	size_t len, next;
};

static void must(bool condition)
{
	if (!condition)
		abort();
}

static bool has_bytes(const struct open_file *file)
{
	return file->state == OPEN_READY || file->state == OPEN_PARTIAL;
}

static void check(const struct open_file *file)
{
	static const uint8_t zeros[sizeof(file->buffer)];
	uint32_t mask = open_file_poll(file);

	must(file->offset + file->left <= sizeof(file->buffer));
	must(((mask & EPOLLIN) != 0) == has_bytes(file));
	must(((mask & EPOLLOUT) != 0) == (file->state == OPEN_IDLE));
	must(open_file_has_response(file) == has_bytes(file));
	if (file->state == OPEN_IDLE)
		must(memcmp(file->buffer, zeros, sizeof(zeros)) == 0);
}

static void try_write(struct open_file *file, const uint8_t *data, size_t len)
{
	enum open_state before = file->state;
	int r = open_file_write(file, data, len);

	if (len > TPM_COMMAND_MAX)
		must(r == -E2BIG);
	else if (before == OPEN_BUSY || before == OPEN_READY)
		must(r == -EBUSY);
	else if (len < 6 || len < get_be32(data + 2))
		must(r == -EINVAL);
	else
		must(r == 0 && memcmp(file->buffer, data, file->command_len) == 0);
	must(file->state == (r == 0 ? OPEN_BUSY : before));
}

static void try_read(struct open_file *file, size_t len, struct expected *expected)
{
	static uint8_t data[TPM_COMMAND_MAX];
	enum open_state before = file->state;
	int error = file->error;
	ssize_t n = open_file_read(file, data, len);

	if (before == OPEN_BUSY || before == OPEN_IDLE) {
		must(n == (before == OPEN_BUSY ? -EINPROGRESS : 0));
		return;
	}
	if (error < 0 || len == 0) {
		must(n == error && file->state == OPEN_IDLE);
		return;
	}
	must(n > 0 && (size_t)n <= len && (size_t)n <= expected->len - expected->next);
	must(memcmp(data, expected->response + expected->next, (size_t)n) == 0);
	expected->next += (size_t)n;
	must((file->state == OPEN_IDLE) == (expected->next == expected->len));
}

static void finish(struct open_file *file, const uint8_t *data, size_t len,
		   struct expected *expected)
{
	if (file->state != OPEN_BUSY)
		return;
	if (len < TPM_HEADER_SIZE) { /* what the TPM never gives stands for a failure */
		open_file_failed(file, -EIO, len % 2 == 0);
		return;
	}
	memcpy(expected->response, data, len);
	expected->len = len;
	expected->next = 0;
	open_file_done(file, data, len);
}

/* A step is three bytes, kind and length; what it writes or answers is the input from there on. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct open_file file;
	static struct expected expected;

	memset(&file, 0, sizeof(file));
	for (size_t i = 0; i + 3 <= size && i < 3 * 256; i += 3) {
		size_t len = get_be16(data + i + 1) % 5000, left = size - i - 3;

		len = len < left ? len : left;
		switch (data[i] % 4) {
		case 0:
			try_write(&file, data + i + 3, len);
			break;
		case 1:
			try_read(&file, len, &expected);
			break;
		case 2:
			finish(&file, data + i + 3, len < TPM_COMMAND_MAX ? len : TPM_COMMAND_MAX,
			       &expected);
			break;
		default:
			for (size_t n = 0; n < len; n++)
				(void)open_file_tick(&file);
			break;
		}
		check(&file);
	}
	return 0;
}
