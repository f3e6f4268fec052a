/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the parts of a state file share: file.c opens and reads, file_check.c looks whether it is
 * still the one that was written, file_store.c writes slots, file_replace.c whole files.
 */
#ifndef VTPM_TPM_STATE_FILE_IMPL_H
#define VTPM_TPM_STATE_FILE_IMPL_H

#include <time.h>

#include "tpm/state/file.h"
#include "util/error.h"
#include "util/wiped.h"

/* What changes with every change that somebody else makes to a file. */
struct file_mark {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec changed;
};

struct state_file {
	const struct state_dir *dir;
	const struct seal *seal;
	const char *name;
	int fd;
	struct file_mark mark; /* as our last write left it */
	struct state_header header;
	uint8_t header_bytes[STATE_HEADER_SIZE];
	unsigned int current;     /* the slot that holds what was stored last, */
	struct state_slot newest; /* and its header */
	uint64_t last_generation; /* given to any store, also to one that failed */
	bool dir_dirty;           /* the file's name may not be on disk yet */
	bool unflushed;           /* stores were not waited for */
	struct error warning;
};

/* NAME is BLOB's file or the one that is made to replace it. */
int state_file_open_named(const struct state_dir *dir, enum tpm_blob blob, const char *name,
			  struct state_file **ret, struct error *err);
int state_file_new(const struct state_dir *dir, const char *name, struct state_file **ret,
		   struct error *err);

/* Waits for the disk, after saying so where that may take long; memory is not waited for. */
int state_file_flush(const struct state_dir *dir, int fd);

/* Now, as a slot has it. */
uint64_t state_file_now(void);

/* Moves what is stored to a file whose slots have room for LEN bytes, beside any store in hand. */
int state_file_grow(struct state_file *file, size_t len);

/* Puts a new file with SLOT and its DATA in the place of one that is of no use any more. */
int state_file_renew(struct state_file *file, struct state_slot *slot, const uint8_t *data);

#endif
