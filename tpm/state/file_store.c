/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/state/file_impl.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/file.h"

/* A file that was removed takes stores without an error, and nobody finds them again. */
static int still_there(const struct state_file *file)
{
	struct stat st;

	if (fstat(file->fd, &st) < 0)
		return -errno;
	return st.st_nlink == 0 ? -ESTALE : 0;
}

/* A full disk is met here, ahead of need, where it does no harm yet. */
static int make_room(struct state_file *file, size_t len)
{
	uint32_t size = file->header.slot_size;
	int r;

	file->warning.text[0] = '\0';
	if (len + STATE_SLOT_HEADER_SIZE <= size / 4 * 3 || state_slot_size_for(len) == size)
		return 0;
	r = still_there(file);
	if (r == 0)
		r = state_file_grow(file, len);
	if (r == 0 || len > size - STATE_SLOT_HEADER_SIZE)
		return r;
	(void)error_set(&file->warning, -r, "%s/%s cannot grow and has room for %zu bytes more",
			file->dir->path, file->name, size - STATE_SLOT_HEADER_SIZE - len);
	return 0;
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
	return r < 0 ? r : still_there(file);
}

/* So that a store that failed is not found by the next start, if its bytes are there after all. */
static void wipe_slot(const struct state_file *file, off_t offset)
{
	static const uint8_t zeros[STATE_SLOT_HEADER_SIZE];

	if (pwrite_all(file->fd, zeros, sizeof(zeros), offset) == 0 && file->dir->sync)
		(void)fdatasync(file->fd);
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
	r = state_file_fill_slot(file->seal, file->header_bytes, slot, data, bytes);
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

int state_file_store(struct state_file *file, const uint8_t *data, size_t len, struct error *err)
{
	struct state_slot slot = { .blob = file->header.blob, .stored = state_file_now() };
	int r = len == 0 ? -EINVAL : make_room(file, len);

	if (r == 0) {
		slot.generation = ++file->last_generation;
		slot.len = (uint32_t)len;
		r = write_slot(file, &slot, data);
	}
	if (r == -ESTALE)
		return error_say(err, ESTALE, "%s/%s was removed under the running TPM",
				 file->dir->path, file->name);
	if (r < 0)
		return error_set(err, -r, "write %s/%s", file->dir->path, file->name);
	return 0;
}
