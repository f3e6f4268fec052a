/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/device/open_file.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "util/bytes.h"

/* As in the kernel's driver: the tag and the size of a command, six bytes together. */
#define SHORTEST_COMMAND 6

static void forget_response(struct open_file *file)
{
	memset(file->buffer + file->offset, 0, file->left);
	file->state = OPEN_IDLE;
	file->error = 0;
	file->offset = 0;
	file->left = 0;
}

int open_file_write(struct open_file *file, const uint8_t *data, size_t len)
{
	if (len > TPM_COMMAND_MAX)
		return -E2BIG;
	if (file->state == OPEN_BUSY || file->state == OPEN_READY)
		return -EBUSY;
	if (len < SHORTEST_COMMAND || len < get_be32(data + 2))
		return -EINVAL;

	if (file->state == OPEN_PARTIAL)
		forget_response(file);
	file->command_len = get_be32(data + 2);
	memcpy(file->buffer, data, file->command_len);
	file->state = OPEN_BUSY;
	return 0;
}

ssize_t open_file_read(struct open_file *file, uint8_t *data, size_t len)
{
	int error = file->error;

	if (file->state == OPEN_BUSY)
		return -EINPROGRESS;
	if (file->state == OPEN_IDLE)
		return 0;
	if (len > file->left)
		len = file->left;
	if (error < 0 || len == 0) {
		forget_response(file);
		return error;
	}

	memcpy(data, file->buffer + file->offset, len);
	memset(file->buffer + file->offset, 0, len);
	file->offset += len;
	file->left -= len;
	file->state = OPEN_PARTIAL;
	if (file->left == 0)
		forget_response(file);
	return (ssize_t)len;
}

uint32_t open_file_poll(const struct open_file *file)
{
	switch (file->state) {
	case OPEN_IDLE:
		return EPOLLOUT | EPOLLWRNORM;
	case OPEN_READY:
	case OPEN_PARTIAL:
		return EPOLLIN | EPOLLRDNORM;
	case OPEN_BUSY:
		break;
	}
	return 0;
}

void open_file_done(struct open_file *file, const uint8_t *response, size_t len)
{
	memcpy(file->buffer, response, len);
	if (len < file->command_len) /* the rest of a command may be a secret */
		memset(file->buffer + len, 0, file->command_len - len);
	file->state = OPEN_READY;
	file->offset = 0;
	file->left = len;
	file->age = 0;
}

void open_file_failed(struct open_file *file, int error, bool reported)
{
	memset(file->buffer, 0, file->command_len);
	file->state = reported ? OPEN_IDLE : OPEN_READY;
	file->error = reported ? 0 : error;
	file->offset = 0;
	file->left = 0;
	file->age = 0;
}

bool open_file_tick(struct open_file *file)
{
	if (!open_file_has_response(file) || ++file->age <= OPEN_FILE_TICKS)
		return false;
	forget_response(file);
	return true;
}

bool open_file_has_response(const struct open_file *file)
{
	return file->state == OPEN_READY || file->state == OPEN_PARTIAL;
}
