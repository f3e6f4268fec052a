/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whether a state file is still the one that we wrote. Two looks at its metadata and its headers
 * are all as long as nobody has touched it.
 */
#include "tpm/state/file_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "util/file.h"

static bool is_marked(const struct state_file *file, const struct stat *st)
{
	const struct file_mark *mark = &file->mark;

	return mark->device == st->st_dev && mark->inode == st->st_ino &&
	       mark->size == st->st_size && mark->changed.tv_sec == st->st_ctim.tv_sec &&
	       mark->changed.tv_nsec == st->st_ctim.tv_nsec;
}

/* A clock of coarse ticks can hide that somebody wrote right behind us. */
static bool has_our_headers(const struct state_file *file)
{
	off_t offset = (off_t)state_slot_offset(file->header.slot_size, file->current);
	uint8_t header[STATE_HEADER_SIZE], slot[STATE_SLOT_HEADER_SIZE],
		expected[STATE_SLOT_HEADER_SIZE];

	state_slot_build(&file->newest, expected);
	return pread_full(file->fd, header, sizeof(header), 0) == sizeof(header) &&
	       memcmp(header, file->header_bytes, sizeof(header)) == 0 &&
	       pread_full(file->fd, slot, sizeof(slot), offset) == sizeof(slot) &&
	       memcmp(slot, expected, sizeof(slot)) == 0;
}

static int check_owner(const struct state_file *file, const struct state_file *there,
		       struct error *err)
{
	const struct state_header *ours = &file->header, *theirs = &there->header;

	if (memcmp(theirs->id, ours->id, STATE_ID_SIZE) != 0)
		return error_say(err, ESTALE,
				 "%s/%s was replaced by another TPM's under the running TPM",
				 file->dir->path, file->name);
	if (memcmp(theirs->salt, ours->salt, STATE_SALT_SIZE) != 0)
		return error_say(err, ESTALE,
				 "%s/%s was put under another key under the running TPM",
				 file->dir->path, file->name);
	return 0;
}

/* What is older than ours, or failed when we stored it, is of no use any more. */
static int check_generation(const struct state_file *file, const struct state_file *there,
			    struct error *err)
{
	bool same = there->newest.generation == file->newest.generation &&
		    memcmp(there->newest.tag, file->newest.tag, STATE_TAG_SIZE) == 0;

	if (same)
		return 0;
	if (there->newest.generation > file->last_generation ||
	    there->newest.generation == file->newest.generation)
		return error_say(err, ESTALE, "%s/%s was stored by another process",
				 file->dir->path, file->name);
	return error_say(err, EBADMSG, "%s/%s was replaced by an older one under the running TPM",
			 file->dir->path, file->name);
}

/* It holds what ours did, so it takes its place. */
static int adopt(struct state_file *file, struct state_file *there)
{
	(void)fchmod(there->fd, 0600);
	(void)close(file->fd);
	file->fd = there->fd;
	there->fd = -1;
	file->header = there->header;
	memcpy(file->header_bytes, there->header_bytes, sizeof(file->header_bytes));
	file->current = there->current;
	file->newest = there->newest;
	(void)error_say(&file->warning, 0,
			"%s/%s was touched by somebody else; it holds what was stored",
			file->dir->path, file->name);
	return state_file_mark(file);
}

static int look_closely(struct state_file *file, struct error *err)
{
	cleanup_with(state_file_closep) struct state_file *there = NULL;
	int r;

	r = state_file_open(file->dir, file->header.blob, &there, err);
	if (r == 0)
		r = check_owner(file, there, err);
	if (r == 0)
		r = state_file_unlock(there, file->seal, err);
	if (r == 0)
		r = check_generation(file, there, err);
	if (r == 0)
		r = adopt(file, there);
	if (r == -ENOENT || r == -ELOOP)
		return error_say(err, EBADMSG, "%s/%s was removed under the running TPM",
				 file->dir->path, file->name);
	if (r == -EPROTONOSUPPORT || r == -EKEYREJECTED)
		return error_say(err, ESTALE, "%s/%s was replaced under the running TPM",
				 file->dir->path, file->name);
	return r;
}

int state_file_check(struct state_file *file, struct error *err)
{
	struct stat st;

	if (fstatat(file->dir->fd, file->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    is_marked(file, &st) && has_our_headers(file))
		return 0;
	return look_closely(file, err);
}
