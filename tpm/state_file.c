/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "util/error.h"
#include "util/file.h"

struct state_file {
	const struct state_dir *dir;
	const struct seal *seal;
	const char *name;
	int fd;
	struct state_header header;
	uint8_t header_bytes[STATE_HEADER_SIZE];
	unsigned int current;     /* the slot that holds what was stored last, */
	struct state_slot newest; /* and its header */
	uint64_t last_generation; /* given to any store, also to one that failed */
	bool dir_dirty;           /* the file's name may not be on disk yet */
	struct error warning;
};

/* A file in the making: the bytes of all of it. */
struct image {
	size_t size;
	uint8_t *bytes;
};

static void image_done(struct image *image)
{
	if (image->bytes != NULL)
		explicit_bzero(image->bytes, image->size);
	free(image->bytes);
}

/* Plaintext on its way to the caller. */
struct blob {
	size_t len;
	uint8_t *data;
};

static void blob_done(struct blob *blob)
{
	if (blob->data != NULL)
		explicit_bzero(blob->data, blob->len);
	free(blob->data);
}

static const char *const names[BLOBS] = {
	[BLOB_PERMANENT] = "tpm.permanent",
	[BLOB_VOLATILE] = "tpm.volatile",
	[BLOB_SAVESTATE] = "tpm.savestate",
};
static const char *const staged_names[BLOBS] = {
	[BLOB_PERMANENT] = "tpm.permanent.new",
	[BLOB_VOLATILE] = "tpm.volatile.new",
	[BLOB_SAVESTATE] = "tpm.savestate.new",
};

const char *state_file_name(enum tpm_blob blob)
{
	return names[blob];
}

const struct state_header *state_file_header(const struct state_file *file)
{
	return &file->header;
}

uint64_t state_file_generation(const struct state_file *file)
{
	return file->newest.generation;
}

uint64_t state_file_stored(const struct state_file *file)
{
	return file->newest.stored;
}

const char *state_file_warning(const struct state_file *file)
{
	return file->warning.text;
}

static int file_new(const struct state_dir *dir, const char *name, struct state_file **ret,
		    struct error *err)
{
	struct state_file *file = calloc(1, sizeof(*file));

	if (file == NULL)
		return error_set(err, ENOMEM, "open %s", dir->path);
	file->dir = dir;
	file->name = name;
	file->fd = -1;
	*ret = file;
	return 0;
}

void state_file_close(struct state_file *file)
{
	if (file == NULL)
		return;
	if (file->fd >= 0)
		(void)close(file->fd);
	free(file);
}

static int check_size(const struct state_file *file, off_t size, struct error *err)
{
	off_t expected = (off_t)state_slot_offset(file->header.slot_size, STATE_SLOTS);

	if (size == expected)
		return 0;
	return error_say(err, EBADMSG, "%s/%s has %lld bytes where its header says %lld",
			 file->dir->path, file->name, (long long)size, (long long)expected);
}

static int read_header(struct state_file *file, enum tpm_blob blob, struct error *err)
{
	const char *path = file->dir->path, *name = file->name;
	uint8_t block[STATE_BLOCK];
	struct stat st;
	ssize_t n;
	int r;

	if (fstat(file->fd, &st) < 0)
		return error_set(err, errno, "read %s/%s", path, name);
	if (!S_ISREG(st.st_mode))
		return error_say(err, EBADMSG, "%s/%s is not a file", path, name);
	n = pread_full(file->fd, block, sizeof(block), 0);
	if (n < 0)
		return error_set(err, (int)-n, "read %s/%s", path, name);
	if (n < STATE_BLOCK)
		return error_say(err, EBADMSG, "%s/%s is cut off after %zd bytes", path, name, n);
	r = state_header_parse(block, &file->header, err);
	if (r < 0)
		return error_prefix(err, r, "%s/%s", path, name);
	if (file->header.blob != blob)
		return error_say(err, EBADMSG, "%s/%s is a file of another kind", path, name);
	memcpy(file->header_bytes, block, STATE_HEADER_SIZE);
	return check_size(file, st.st_size, err);
}

static int open_named(const struct state_dir *dir, enum tpm_blob blob, const char *name,
		      struct state_file **ret, struct error *err)
{
	cleanup_with(state_file_closep) struct state_file *file = NULL;
	int r;

	r = file_new(dir, name, &file, err);
	if (r < 0)
		return r;
	file->fd = openat(dir->fd, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (file->fd < 0 && errno == ELOOP)
		return error_say(err, ELOOP, "%s/%s is a symbolic link", dir->path, name);
	if (file->fd < 0)
		return error_set(err, errno, "open %s/%s", dir->path, name);
	r = read_header(file, blob, err);
	if (r == 0)
		*ret = take_ptr(file);
	return r;
}

int state_file_open(const struct state_dir *dir, enum tpm_blob blob, struct state_file **ret,
		    struct error *err)
{
	return open_named(dir, blob, names[blob], ret, err);
}

/* What a slot claims to be; nothing is verified yet. */
static int read_slot_header(const struct state_file *file, unsigned int number,
			    struct state_slot *ret)
{
	off_t offset = (off_t)state_slot_offset(file->header.slot_size, number);
	uint8_t bytes[STATE_SLOT_HEADER_SIZE];
	ssize_t n;

	n = pread_full(file->fd, bytes, sizeof(bytes), offset);
	if (n < 0)
		return (int)n;
	if ((size_t)n < sizeof(bytes))
		return -EBADMSG;
	return state_slot_parse(bytes, file->header.blob, file->header.slot_size, ret);
}

static int read_slot(const struct state_file *file, unsigned int number,
		     const struct state_slot *slot, struct blob *blob)
{
	off_t offset = (off_t)state_slot_offset(file->header.slot_size, number);
	cleanup_free uint8_t *sealed = malloc(slot->len);
	ssize_t n;

	blob->data = malloc(slot->len);
	if (sealed == NULL || blob->data == NULL)
		return -ENOMEM;
	blob->len = slot->len;
	n = pread_full(file->fd, sealed, slot->len, offset + STATE_SLOT_HEADER_SIZE);
	if (n < 0)
		return (int)n;
	if ((size_t)n < slot->len)
		return -EBADMSG;
	return seal_open(file->seal, file->header_bytes, slot, sealed, blob->data);
}

static int check_key(struct state_file *file, const struct seal *seal, struct error *err)
{
	static const char *const words[KEY_KINDS] = {
		[KEY_PLAIN] = "key",
		[KEY_PASSWORD] = "password",
		[KEY_RAW] = "key",
		[KEY_HOST] = "host key",
	};
	uint8_t check[STATE_CHECK_SIZE];

	seal_check(seal, check);
	if (seal_kind(seal) != file->header.key ||
	    memcmp(check, file->header.check, sizeof(check)) != 0)
		return error_say(err, EKEYREJECTED, "%s/%s: wrong %s", file->dir->path, file->name,
				 words[file->header.key]);
	file->seal = seal;
	return 0;
}

/* 0: this slot verifies; -EBADMSG and -ENODATA: it holds nothing; else it could not be read. */
static int try_slot(struct state_file *file, unsigned int number)
{
	cleanup_with(blob_done) struct blob blob = { 0 };
	struct state_slot slot;
	int r;

	r = read_slot_header(file, number, &slot);
	if (r == 0)
		r = read_slot(file, number, &slot, &blob);
	if (r == 0 && slot.generation > file->newest.generation) {
		file->newest = slot;
		file->current = number;
	}
	return r;
}

int state_file_unlock(struct state_file *file, const struct seal *seal, struct error *err)
{
	int r;

	r = check_key(file, seal, err);
	if (r < 0)
		return r;
	for (unsigned int i = 0; i < STATE_SLOTS; i++) {
		r = try_slot(file, i);
		if (r == -EBADMSG)
			(void)error_say(&file->warning, EBADMSG,
					"%s/%s: slot %u is damaged, or a store of it was cut short",
					file->dir->path, file->name, i);
		else if (r < 0 && r != -ENODATA)
			return error_set(err, -r, "read %s/%s", file->dir->path, file->name);
	}
	if (file->newest.generation == 0)
		return error_say(err, EBADMSG, "%s/%s is corrupt: neither of its slots verifies",
				 file->dir->path, file->name);
	file->last_generation = file->newest.generation;
	return 0;
}

int state_file_load(const struct state_file *file, uint8_t **data, size_t *len, struct error *err)
{
	cleanup_with(blob_done) struct blob blob = { 0 };
	struct state_slot slot = { 0 };
	int r;

	r = read_slot_header(file, file->current, &slot);
	if (r == 0 && slot.generation != file->newest.generation)
		r = -EBADMSG;
	if (r == 0)
		r = read_slot(file, file->current, &slot, &blob);
	if (r == -EBADMSG || r == -ENODATA)
		return error_say(err, EBADMSG, "%s/%s was changed by somebody else",
				 file->dir->path, file->name);
	if (r < 0)
		return error_set(err, -r, "read %s/%s", file->dir->path, file->name);

	*len = blob.len;
	*data = take_ptr(blob.data);
	return 0;
}

/* Seals DATA into BYTES, which have room for the slot's header and SLOT->len bytes. */
static int fill_slot(const struct seal *seal, const uint8_t *header, struct state_slot *slot,
		     const uint8_t *data, uint8_t *bytes)
{
	int r;

	r = seal_close(seal, header, slot, data, bytes + STATE_SLOT_HEADER_SIZE);
	if (r == 0)
		state_slot_build(slot, bytes);
	return r;
}

static int build_image(const struct seal *seal, const struct state_header *header,
		       struct state_slot *slot, const uint8_t *data, struct image *image)
{
	int r;

	image->size = (size_t)state_slot_offset(header->slot_size, STATE_SLOTS);
	image->bytes = calloc(1, image->size);
	if (image->bytes == NULL)
		return -ENOMEM;
	r = state_header_build(header, image->bytes);
	if (r == 0)
		r = fill_slot(seal, image->bytes, slot, data, image->bytes + STATE_BLOCK);
	return r;
}

static int flush(const struct state_dir *dir, int fd)
{
	if (dir->before_wait != NULL)
		dir->before_wait(dir->context);
	return fdatasync(fd) < 0 ? -errno : 0;
}

/*
 * Zeros are written to the room that is only allocated, too: a later store then changes no
 * metadata, and its flush need not wait for the file system's journal.
 */
static int write_image(const struct state_dir *dir, int fd, const struct image *image)
{
	int r;

	if (dir->uid != (uid_t)-1 && fchown(fd, dir->uid, dir->gid) < 0)
		return -errno;
	if (fallocate(fd, 0, 0, (off_t)image->size) < 0 && errno != EOPNOTSUPP && errno != ENOSYS)
		return -errno;
	r = pwrite_all(fd, image->bytes, image->size, 0);
	return r < 0 ? r : flush(dir, fd);
}

/* Makes a whole file beside the one in use. Whatever was left there by a crash is in nobody's way.
 */
static int stage(const struct state_dir *dir, const struct seal *seal,
		 const struct state_header *header, struct state_slot *slot, const uint8_t *data,
		 int *ret)
{
	cleanup_with(image_done) struct image image = { 0 };
	const char *name = staged_names[header->blob];
	cleanup_close int fd = -1;
	int r;

	r = build_image(seal, header, slot, data, &image);
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

static int rename_staged(const struct state_dir *dir, enum tpm_blob blob)
{
	int r;

	if (renameat(dir->fd, staged_names[blob], dir->fd, names[blob]) == 0)
		return 0;
	r = -errno;
	(void)unlinkat(dir->fd, staged_names[blob], 0);
	return r;
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

static uint64_t now(void)
{
	time_t seconds = time(NULL);

	return seconds > 0 ? (uint64_t)seconds : 0;
}

static int create(struct state_file *file, const struct state_header *header,
		  struct state_slot *slot, const uint8_t *data)
{
	const struct state_dir *dir = file->dir;
	int fd, r;

	r = stage(dir, file->seal, header, slot, data, &fd);
	if (r == 0)
		r = adopt(file, fd, header, slot);
	if (r == 0)
		r = rename_staged(dir, header->blob);
	if (r == 0 && fsync(dir->fd) < 0) {
		r = -errno;
		(void)unlinkat(dir->fd, names[header->blob], 0);
	}
	return r;
}

int state_file_create(const struct state_dir *dir, enum tpm_blob blob, const struct seal *seal,
		      const struct state_header *header, uint64_t generation, const uint8_t *data,
		      size_t len, struct state_file **ret, struct error *err)
{
	cleanup_with(state_file_closep) struct state_file *file = NULL;
	struct state_slot slot = {
		.generation = generation, .len = (uint32_t)len, .blob = blob, .stored = now()
	};
	struct state_header own = *header;
	int r;

	own.blob = blob;
	own.slot_size = state_slot_size_for(len);
	seal_check(seal, own.check);
	if (len == 0 || own.slot_size == 0)
		return error_set(err, EFBIG, "store %zu bytes", len);
	r = file_new(dir, names[blob], &file, err);
	if (r < 0)
		return r;
	file->seal = seal;
	r = create(file, &own, &slot, data);
	if (r < 0)
		return error_set(err, -r, "make %s/%s", dir->path, names[blob]);
	file->last_generation = generation;
	*ret = take_ptr(file);
	return 0;
}

int state_file_stage(const struct state_file *file, const struct seal *seal,
		     const struct state_header *header, struct error *err)
{
	cleanup_with(blob_done) struct blob blob = { 0 };
	struct state_header own = *header;
	struct state_slot slot = file->newest;
	int fd, r;

	own.blob = file->header.blob;
	own.slot_size = file->header.slot_size;
	seal_check(seal, own.check);
	r = state_file_load(file, &blob.data, &blob.len, err);
	if (r < 0)
		return r;
	r = stage(file->dir, seal, &own, &slot, blob.data, &fd);
	if (r < 0)
		return error_set(err, -r, "make %s/%s", file->dir->path, staged_names[own.blob]);
	(void)close(fd);
	return 0;
}

int state_file_commit(const struct state_dir *dir, enum tpm_blob blob, struct error *err)
{
	int r = rename_staged(dir, blob);

	if (r == 0 && fsync(dir->fd) < 0)
		r = -errno;
	return r < 0 ? error_set(err, -r, "rename %s/%s", dir->path, staged_names[blob]) : 0;
}

/* A file that was removed takes stores without an error, and nobody finds them again. */
static int still_there(const struct state_file *file)
{
	struct stat st;

	if (fstat(file->fd, &st) < 0)
		return -errno;
	return st.st_nlink == 0 ? -ESTALE : 0;
}

static bool has_key_of(const struct state_file *file, const struct state_header *header)
{
	return memcmp(file->header.id, header->id, STATE_ID_SIZE) == 0 &&
	       memcmp(file->header.salt, header->salt, STATE_SALT_SIZE) == 0;
}

/* Whether the staged file is what a change of the key still has to put in its place: 1 or 0. */
static int is_awaited(const struct state_dir *dir, enum tpm_blob blob,
		      const struct state_header *header, struct error *err)
{
	cleanup_with(state_file_closep) struct state_file *staged = NULL, *current = NULL;
	int r;

	if (blob == BLOB_PERMANENT)
		return 0;
	r = open_named(dir, blob, staged_names[blob], &staged, err);
	if (r == 0)
		r = state_file_open(dir, blob, &current, err);
	if (r == -ENOENT || r == -EBADMSG)
		return 0;
	if (r < 0)
		return r;
	return has_key_of(staged, header) && !has_key_of(current, header);
}

int state_file_finish(const struct state_dir *dir, enum tpm_blob blob,
		      const struct state_header *header, struct error *err)
{
	int r = is_awaited(dir, blob, header, err);

	if (r < 0)
		return r;
	if (r > 0)
		return state_file_commit(dir, blob, err);
	if (unlinkat(dir->fd, staged_names[blob], 0) < 0 && errno != ENOENT)
		return error_set(err, errno, "remove %s/%s", dir->path, staged_names[blob]);
	return 0;
}

/*
 * Moves what is stored to a file with larger slots, beside the store in hand: should that fail,
 * what was stored last is in either file.
 */
static int grow(struct state_file *file, size_t len)
{
	cleanup_with(blob_done) struct blob blob = { 0 };
	struct state_header header = file->header;
	struct state_slot slot = file->newest;
	int fd, r;

	header.slot_size = state_slot_size_for(len);
	if (header.slot_size == 0)
		return -EFBIG;
	r = state_file_load(file, &blob.data, &blob.len, NULL);
	if (r == 0)
		r = stage(file->dir, file->seal, &header, &slot, blob.data, &fd);
	if (r < 0)
		return r;
	r = rename_staged(file->dir, header.blob);
	if (r < 0) {
		(void)close(fd);
		return r;
	}
	file->dir_dirty = true;
	return adopt(file, fd, &header, &slot);
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
		r = grow(file, len);
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
		r = flush(file->dir, file->fd);
	return r < 0 ? r : still_there(file);
}

/* So that a store that failed is not found by the next start, should its bytes be there after all.
 */
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
	r = fill_slot(file->seal, file->header_bytes, slot, data, bytes);
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
	struct state_slot slot = { .blob = file->header.blob, .stored = now() };
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

int state_file_sync(const struct state_file *file)
{
	return fdatasync(file->fd) < 0 ? -errno : 0;
}
