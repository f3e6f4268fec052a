/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/state/file_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tpm/state/file_bytes.h"
#include "util/file.h"

static const char *const new_names[BLOBS] = {
	[BLOB_PERMANENT] = "tpm.permanent.new",
	[BLOB_VOLATILE] = "tpm.volatile.new",
	[BLOB_SAVESTATE] = "tpm.savestate.new",
};

/*
 * Zeros are written to the room that is only allocated, too: a later store then changes no
 * metadata, and its flush need not wait for the file system's journal.
 */
static int write_image(const struct state_dir *dir, int fd, const struct wiped *image)
{
	int r;

	if (dir->uid != (uid_t)-1 && fchown(fd, dir->uid, dir->gid) < 0)
		return -errno;
	if (fallocate(fd, 0, 0, (off_t)image->len) < 0 && errno != EOPNOTSUPP && errno != ENOSYS)
		return -errno;
	r = pwrite_all(fd, image->data, image->len, 0);
	return r < 0 ? r : state_file_flush(dir, fd);
}

/* Makes a whole file beside the one in use. What a crash left there is in nobody's way. */
static int prepare(const struct state_dir *dir, const struct seal *seal,
		   const struct state_header *header, struct state_slot *slot, const uint8_t *data,
		   int *ret)
{
	cleanup_wiped struct wiped image = { 0 };
	const char *name = new_names[header->blob];
	cleanup_close int fd = -1;
	int r;

	r = file_bytes_build(seal, header, slot, data, &image);
	if (r < 0)
		return r;
	if (unlinkat(dir->fd, name, 0) < 0 && errno != ENOENT)
		return -errno;
	fd = openat(dir->fd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	r = write_image(dir, fd, &image);
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

static int create(struct state_file *file, const struct state_header *header,
		  struct state_slot *slot, const uint8_t *data)
{
	const struct state_dir *dir = file->dir;
	int fd, r;

	r = prepare(dir, file->seal, header, slot, data, &fd);
	if (r == 0)
		r = adopt(file, fd, header, slot);
	if (r == 0)
		r = rename_new(dir, header->blob);
	if (r < 0)
		(void)unlinkat(dir->fd, new_names[header->blob], 0);
	if (r == 0 && fsync(dir->fd) < 0) {
		r = -errno;
		(void)unlinkat(dir->fd, state_file_name(header->blob), 0);
	}
	return r;
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
	own.slot_size = state_slot_size_for(len);
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
	int fd, r;

	header.slot_size = state_slot_size_for(len);
	if (header.slot_size == 0)
		return -EFBIG;
	r = state_file_load(file, &blob.data, &blob.len, NULL);
	if (r == 0)
		r = prepare(file->dir, file->seal, &header, &slot, blob.data, &fd);
	if (r < 0)
		return r;
	r = rename_new(file->dir, header.blob);
	if (r < 0) {
		(void)unlinkat(file->dir->fd, new_names[header.blob], 0);
		(void)close(fd);
		return r;
	}
	file->dir_dirty = true;
	return adopt(file, fd, &header, &slot);
}
