/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/state/file_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tpm/state/pace.h"
#include "util/clock.h"
#include "util/file.h"

const char *state_file_name(enum tpm_blob blob)
{
	static const char *const names[BLOBS] = {
		[BLOB_PERMANENT] = "tpm.permanent",
		[BLOB_VOLATILE] = "tpm.volatile",
		[BLOB_SAVESTATE] = "tpm.savestate",
	};

	return names[blob];
}

bool state_file_exists(const char *dir, enum tpm_blob blob)
{
	char path[PATH_MAX];

	return snprintf(path, sizeof(path), "%s/%s", dir, state_file_name(blob)) < PATH_MAX &&
	       access(path, F_OK) == 0;
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

int state_file_new(const struct state_dir *dir, const char *name, struct state_file **ret,
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

static struct file_mark mark_of(const struct stat *st)
{
	return (struct file_mark){ .device = st->st_dev,
				   .inode = st->st_ino,
				   .size = st->st_size,
				   .changed = st->st_ctim };
}

int state_file_mark(struct state_file *file)
{
	struct stat st;

	if (fstat(file->fd, &st) < 0)
		return -errno;
	/* A file that was removed takes stores without an error, and nobody finds them again. */
	if (st.st_nlink == 0)
		return -ESTALE;
	file->mark = mark_of(&st);
	return 0;
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
	file->mark = mark_of(&st);
	return check_size(file, st.st_size, err);
}

int state_file_open_named(const struct state_dir *dir, enum tpm_blob blob, const char *name,
			  struct state_file **ret, struct error *err)
{
	cleanup_with(state_file_closep) struct state_file *file = NULL;
	int r;

	r = state_file_new(dir, name, &file, err);
	if (r < 0)
		return r;
	file->fd = openat(dir->fd, name,
			  (dir->read_only ? O_RDONLY : O_RDWR) | O_NOFOLLOW | O_NONBLOCK |
				  O_NOCTTY | O_CLOEXEC);
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
	return state_file_open_named(dir, blob, state_file_name(blob), ret, err);
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
		     const struct state_slot *slot, struct wiped *blob)
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

	if (!seal_is_of(seal, &file->header))
		return error_say(err, EKEYREJECTED, "%s/%s: wrong %s", file->dir->path, file->name,
				 words[file->header.key]);
	file->seal = seal;
	return 0;
}

/* 0: this slot verifies; -EBADMSG and -ENODATA: it holds nothing; else it could not be read. */
static int try_slot(struct state_file *file, unsigned int number)
{
	cleanup_wiped struct wiped blob = { 0 };
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

static void warn_of_slot(struct state_file *file, unsigned int damaged)
{
	(void)error_say(&file->warning, EBADMSG,
			"%s/%s: slot %u is damaged, or a store of it was cut short; "
			"generation %" PRIu64 " in slot %u is used",
			file->dir->path, file->name, damaged, file->newest.generation,
			file->current);
}

int state_file_unlock(struct state_file *file, const struct seal *seal, struct error *err)
{
	unsigned int damaged = STATE_SLOTS;
	int r;

	r = check_key(file, seal, err);
	if (r < 0)
		return r;
	for (unsigned int i = 0; i < STATE_SLOTS; i++) {
		r = try_slot(file, i);
		if (r == -EBADMSG)
			damaged = i;
		else if (r < 0 && r != -ENODATA)
			return error_set(err, -r, "read %s/%s", file->dir->path, file->name);
	}
	if (file->newest.generation == 0)
		return error_say(err, EBADMSG, "%s/%s is corrupt: neither of its slots verifies",
				 file->dir->path, file->name);
	if (damaged < STATE_SLOTS)
		warn_of_slot(file, damaged);
	file->last_generation = file->newest.generation;
	return 0;
}

int state_file_load(const struct state_file *file, uint8_t **data, size_t *len, struct error *err)
{
	cleanup_wiped struct wiped blob = { 0 };
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

int state_file_flush(const struct state_dir *dir, int fd)
{
	int64_t began;
	int r;

	if (dir->is_memory) /* which is no safer for it */
		return 0;
	if (dir->before_wait != NULL && (dir->pace == NULL || flush_pace_is_slow(dir->pace)))
		dir->before_wait(dir->context);
	began = monotonic_ms();
	r = fdatasync(fd) < 0 ? -errno : 0;
	if (dir->pace != NULL)
		flush_pace_note(dir->pace, monotonic_ms() - began);
	return r;
}

int state_file_sync(const struct state_file *file)
{
	return file->unflushed && fdatasync(file->fd) < 0 ? -errno : 0;
}

uint64_t state_file_now(void)
{
	time_t seconds = time(NULL);

	return seconds > 0 ? (uint64_t)seconds : 0;
}
