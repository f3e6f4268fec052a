/* SPDX-License-Identifier: BSD-3-Clause */
/* A state file as a whole: made, prepared beside the one in use, put in its place. */
#include "tpm/state/file_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/file.h"

static const char *const new_names[BLOBS] = {
	[BLOB_PERMANENT] = "tpm.permanent.new",
	[BLOB_VOLATILE] = "tpm.volatile.new",
	[BLOB_SAVESTATE] = "tpm.savestate.new",
};

/* Zeros FROM here TO there. */
static int write_zeros(int fd, uint64_t from, uint64_t to)
{
	static const uint8_t zeros[STATE_SLOT_MIN];
	int r = 0;

	while (r == 0 && from < to) {
		size_t len = to - from < sizeof(zeros) ? (size_t)(to - from) : sizeof(zeros);

		r = pwrite_all(fd, zeros, len, (off_t)from);
		from += len;
	}
	return r;
}

/*
 * All of it is allocated, so that no later store meets a full disk. Where the next ones go there
 * are also zeros: a store then changes no metadata, and need not wait for a journal.
 */
static int write_rest(int fd, const struct state_header *header, size_t len)
{
	uint32_t zeroed = state_slot_size_for(len);
	uint64_t first = STATE_BLOCK, second = state_slot_offset(header->slot_size, 1);
	int r;

	if (fallocate(fd, 0, 0, (off_t)state_slot_offset(header->slot_size, STATE_SLOTS)) < 0) {
		if (errno != EOPNOTSUPP && errno != ENOSYS)
			return -errno;
		zeroed = header->slot_size;
	}
	if (zeroed > header->slot_size)
		zeroed = header->slot_size;
	r = write_zeros(fd, first + STATE_SLOT_HEADER_SIZE + len, first + zeroed);
	return r < 0 ? r : write_zeros(fd, second, second + zeroed);
}

static int write_file(const struct state_dir *dir, int fd, const struct seal *seal,
		      const struct state_header *header, struct state_slot *slot,
		      const uint8_t *data)
{
	size_t size = STATE_BLOCK + STATE_SLOT_HEADER_SIZE + (size_t)slot->len;
	cleanup_free uint8_t *bytes = malloc(size);
	int r;

	if (bytes == NULL)
		return -ENOMEM;
	if (dir->uid != (uid_t)-1 && fchown(fd, dir->uid, dir->gid) < 0)
		return -errno;
	r = state_header_build(header, bytes);
	if (r == 0)
		r = seal_slot(seal, bytes, slot, data, bytes + STATE_BLOCK);
	if (r == 0)
		r = write_rest(fd, header, slot->len);
	if (r == 0)
		r = pwrite_all(fd, bytes, size, 0);
	return r < 0 ? r : state_file_flush(dir, fd);
}

/* Makes a whole file beside the one in use. What a crash left there is in nobody's way. */
static int prepare(const struct state_dir *dir, const struct seal *seal,
		   const struct state_header *header, struct state_slot *slot, const uint8_t *data,
		   int *ret)
{
	const char *name = new_names[header->blob];
	cleanup_close int fd = -1;
	int r;

	if (unlinkat(dir->fd, name, 0) < 0 && errno != ENOENT)
		return -errno;
	fd = openat(dir->fd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	r = write_file(dir, fd, seal, header, slot, data);
	if (r < 0)
		(void)unlinkat(dir->fd, name, 0);
	else
		*ret = take_fd(fd);
	return r;
}

/* A prepared file stays where it is when this fails: it may be what the next start has to finish.
 */
static int rename_new(const struct state_dir *dir, enum tpm_blob blob)
{
	int r = renameat(dir->fd, new_names[blob], dir->fd, state_file_name(blob));

	return r < 0 ? -errno : 0;
}

/* Takes over FD, the file with this header whose first slot is SLOT. */
static int adopt(struct state_file *file, int fd, const struct state_header *header,
		 const struct state_slot *slot)
{
	uint8_t block[STATE_BLOCK];
	int r;

	r = state_header_build(header, block);
	if (r < 0) {
		(void)close(fd);
		return r;
	}
	if (file->fd >= 0)
		(void)close(file->fd);
	file->fd = fd;
	file->header = *header;
	memcpy(file->header_bytes, block, STATE_HEADER_SIZE);
	file->current = 0;
	file->newest = *slot;
	return 0;
}

static int replace(struct state_file *file, const struct state_header *header,
		   struct state_slot *slot, const uint8_t *data)
{
	int fd, r;

	r = prepare(file->dir, file->seal, header, slot, data, &fd);
	if (r < 0)
		return r;
	r = rename_new(file->dir, header->blob);
	if (r < 0) {
		(void)unlinkat(file->dir->fd, new_names[header->blob], 0);
		(void)close(fd);
		return r;
	}
	file->dir_dirty = true;
	return adopt(file, fd, header, slot);
}

static int create(struct state_file *file, const struct state_header *header,
		  struct state_slot *slot, const uint8_t *data)
{
	const struct state_dir *dir = file->dir;
	int r = replace(file, header, slot, data);

	if (r < 0)
		return r;
	r = fsync(dir->fd) < 0 ? -errno : state_file_mark(file);
	file->dir_dirty = false;
	if (r < 0)
		(void)unlinkat(dir->fd, state_file_name(header->blob), 0);
	return r;
}

static uint32_t slot_size_for(const struct state_dir *dir, enum tpm_blob blob, size_t len)
{
	uint32_t size = state_slot_size_for(len);

	if (blob == BLOB_PERMANENT && !dir->is_memory && size != 0 && size < STATE_SLOT_FULL)
		return STATE_SLOT_FULL;
	return size;
}

int state_file_create(const struct state_dir *dir, enum tpm_blob blob, const struct seal *seal,
		      const struct state_header *header, uint64_t generation, const uint8_t *data,
		      size_t len, struct state_file **ret, struct error *err)
{
	cleanup_with(state_file_closep) struct state_file *file = NULL;
	struct state_slot slot = { .generation = generation,
				   .len = (uint32_t)len,
				   .blob = blob,
				   .stored = state_file_now() };
	struct state_header own = *header;
	int r;

	own.blob = blob;
	own.slot_size = slot_size_for(dir, blob, len);
	seal_check(seal, own.check);
	if (len == 0 || own.slot_size == 0)
		return error_set(err, EFBIG, "store %zu bytes", len);
	r = state_file_new(dir, state_file_name(blob), &file, err);
	if (r < 0)
		return r;
	file->seal = seal;
	r = create(file, &own, &slot, data);
	if (r < 0)
		return error_set(err, -r, "make %s/%s", dir->path, state_file_name(blob));
	file->last_generation = generation;
	*ret = take_ptr(file);
	return 0;
}

int state_file_prepare(const struct state_file *file, const struct seal *seal,
		       const struct state_header *header, struct error *err)
{
	cleanup_wiped struct wiped blob = { 0 };
	struct state_header own = *header;
	struct state_slot slot = file->newest;
	int fd, r;

	own.blob = file->header.blob;
	own.slot_size = slot_size_for(file->dir, own.blob, slot.len);
	if (own.slot_size < file->header.slot_size)
		own.slot_size = file->header.slot_size;
	seal_check(seal, own.check);
	r = state_file_load(file, &blob.data, &blob.len, err);
	if (r < 0)
		return r;
	r = prepare(file->dir, seal, &own, &slot, blob.data, &fd);
	if (r < 0)
		return error_set(err, -r, "make %s/%s", file->dir->path, new_names[own.blob]);
	(void)close(fd);
	return 0;
}

int state_file_commit(const struct state_dir *dir, enum tpm_blob blob, struct error *err)
{
	int r = rename_new(dir, blob);

	if (r == 0 && fsync(dir->fd) < 0)
		r = -errno;
	return r < 0 ? error_set(err, -r, "rename %s/%s", dir->path, new_names[blob]) : 0;
}

static bool has_key_of(const struct state_file *file, const struct state_header *header)
{
	return memcmp(file->header.id, header->id, STATE_ID_SIZE) == 0 &&
	       memcmp(file->header.salt, header->salt, STATE_SALT_SIZE) == 0;
}

/* Whether the prepared file is what a change of the key still has to put in its place: 1 or 0. */
static int is_awaited(const struct state_dir *dir, enum tpm_blob blob,
		      const struct state_header *header, struct error *err)
{
	cleanup_with(state_file_closep) struct state_file *prepared = NULL, *current = NULL;
	int r;

	if (blob == BLOB_PERMANENT)
		return 0;
	r = state_file_open_named(dir, blob, new_names[blob], &prepared, err);
	if (r == 0)
		r = state_file_open(dir, blob, &current, err);
	if (r == -ENOENT || r == -EBADMSG)
		return 0;
	if (r < 0)
		return r;
	return has_key_of(prepared, header) && !has_key_of(current, header);
}

int state_file_finish(const struct state_dir *dir, enum tpm_blob blob,
		      const struct state_header *header, struct error *err)
{
	int r = is_awaited(dir, blob, header, err);

	if (r < 0)
		return r;
	if (r > 0)
		return state_file_commit(dir, blob, err);
	if (unlinkat(dir->fd, new_names[blob], 0) < 0 && errno != ENOENT)
		return error_set(err, errno, "remove %s/%s", dir->path, new_names[blob]);
	return 0;
}

/* Should this fail half-way: what was stored last is in either file. */
int state_file_grow(struct state_file *file, size_t len)
{
	cleanup_wiped struct wiped blob = { 0 };
	struct state_header header = file->header;
	struct state_slot slot = file->newest;
	int r;

	while (header.slot_size - STATE_SLOT_HEADER_SIZE < len) {
		if (header.slot_size > STATE_SLOT_MAX / 2)
			return -EFBIG;
		header.slot_size *= 2;
	}
	r = state_file_load(file, &blob.data, &blob.len, NULL);
	return r < 0 ? r : replace(file, &header, &slot, blob.data);
}

int state_file_renew(struct state_file *file, struct state_slot *slot, const uint8_t *data)
{
	struct state_header header = file->header;
	uint32_t size = slot_size_for(file->dir, slot->blob, slot->len);

	if (size == 0)
		return -EFBIG;
	if (header.slot_size < size)
		header.slot_size = size;
	return replace(file, &header, slot, data);
}
