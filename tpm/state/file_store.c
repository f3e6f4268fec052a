/* SPDX-License-Identifier: BSD-3-Clause */
/* Stores into the slots of a state file, and the room for them. */
#include "tpm/state/file_impl.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "tpm/state/rate.h"
#include "util/clock.h"
#include "util/file.h"

/* More than any one command needs, and in front of that what needs no such command. */
#define ROOM (16U << 10)

static size_t room(const struct state_file *file)
{
	return file->header.slot_size - STATE_SLOT_HEADER_SIZE - file->newest.len;
}

int state_file_make_room(struct state_file *file)
{
	int r;

	if (room(file) >= ROOM)
		return 0;
	r = state_file_check(file, NULL);
	if (r == -EBADMSG) /* the store will make it anew, as large as it must be */
		return 0;
	if (r == 0)
		r = state_file_grow(file, file->newest.len + ROOM);
	if (r == 0)
		r = state_file_mark(file);
	file->warning.text[0] = '\0';
	if (r < 0)
		(void)error_set(&file->warning, -r,
				"%s/%s cannot grow, what needs more room is refused",
				file->dir->path, file->name);
	return r;
}

static int flush_store(struct state_file *file)
{
	int r = 0;

	if (file->dir_dirty)
		r = fsync(file->dir->fd) < 0 ? -errno : 0;
	if (r == 0)
		file->dir_dirty = false;
	if (r == 0 && file->dir->sync)
		r = state_file_flush(file->dir, file->fd);
	file->unflushed = !file->dir->sync;
	return r < 0 ? r : state_file_mark(file);
}

/* So that a store that failed is not found by the next start, if its bytes are there after all. */
static void wipe_slot(struct state_file *file, off_t offset)
{
	static const uint8_t zeros[STATE_SLOT_HEADER_SIZE];

	if (pwrite_all(file->fd, zeros, sizeof(zeros), offset) == 0 && file->dir->sync)
		(void)fdatasync(file->fd);
	(void)state_file_mark(file);
}

static int write_slot(struct state_file *file, struct state_slot *slot, const uint8_t *data)
{
	unsigned int other = (file->current + 1) % STATE_SLOTS;
	off_t offset = (off_t)state_slot_offset(file->header.slot_size, other);
	size_t size = STATE_SLOT_HEADER_SIZE + (size_t)slot->len;
	cleanup_free uint8_t *bytes = malloc(size);
	int r;

	if (bytes == NULL)
		return -ENOMEM;
	r = seal_slot(file->seal, file->header_bytes, slot, data, bytes);
	if (r < 0)
		return r;
	r = pwrite_all(file->fd, bytes, size, offset);
	if (r == 0)
		r = flush_store(file);
	if (r < 0) {
		wipe_slot(file, offset);
		return r;
	}
	file->current = other;
	file->newest = *slot;
	return 0;
}

static int store_anew(struct state_file *file, struct state_slot *slot, const uint8_t *data)
{
	int r = state_file_renew(file, slot, data);

	return r < 0 ? r : flush_store(file);
}

static int store(struct state_file *file, struct state_slot *slot, const uint8_t *data)
{
	int r = 0;

	if (slot->len > file->header.slot_size - STATE_SLOT_HEADER_SIZE)
		r = state_file_grow(file, slot->len);
	return r < 0 ? r : write_slot(file, slot, data);
}

static void wait_for_share(const struct state_dir *dir, size_t len)
{
	int64_t ms = dir->rate == NULL ? 0 : store_rate_take(dir->rate, len, monotonic_ms());
	const struct timespec pause = { (time_t)(ms / 1000), (long)(ms % 1000) * 1000000 };

	if (ms > 0 && dir->before_wait != NULL)
		dir->before_wait(dir->context);
	if (ms > 0)
		(void)nanosleep(&pause, NULL);
}

int state_file_store(struct state_file *file, const uint8_t *data, size_t len, struct error *err)
{
	struct state_slot slot = { .blob = file->header.blob,
				   .len = (uint32_t)len,
				   .stored = state_file_now() };
	struct error why = { "" };
	int r;

	if (len == 0 || len > STATE_SLOT_MAX)
		return error_set(err, EFBIG, "write %s/%s", file->dir->path, file->name);
	file->warning.text[0] = '\0';
	r = state_file_check(file, &why);
	if (r < 0 && r != -EBADMSG)
		return error_say(err, -r, "%s", why.text);
	slot.generation = ++file->last_generation;
	wait_for_share(file->dir, STATE_SLOT_HEADER_SIZE + len);
	r = r == 0 ? store(file, &slot, data) : store_anew(file, &slot, data);
	if (r < 0)
		return error_set(err, -r, "write %s/%s", file->dir->path, file->name);
	if (why.text[0] != '\0')
		(void)error_say(&file->warning, 0, "%s; it was made anew", why.text);
	return 0;
}
