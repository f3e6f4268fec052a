/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One state file: two sealed slots, written in turn. A crash at any instant leaves the blob that
 * was stored last or the one before it in the making, never a mixture.
 */
#ifndef VTPM_TPM_STATE_FILE_H
#define VTPM_TPM_STATE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tpm/state/seal.h"
#include "tpm/state/dir.h"
#include "tpm/state/format.h"
#include "util/cleanup.h"

struct error;
struct state_file;

/* "tpm.permanent" and so on. */
const char *state_file_name(enum tpm_blob blob);

/* Before the directory is locked: whoever has the lock looks again. */
bool state_file_exists(const char *dir, enum tpm_blob blob);

/*
 * Opens BLOB's file and reads its header. -ENOENT: there is none; -EBADMSG: corrupt or of another
 * length than its header says; -EPROTONOSUPPORT: of a newer format.
 */
int state_file_open(const struct state_dir *dir, enum tpm_blob blob, struct state_file **ret,
		    struct error *err);

/*
 * Finds the newest slot that verifies; the file borrows SEAL from here on. -EKEYREJECTED: it is not
 * this file's; -EBADMSG: no slot verifies.
 */
int state_file_unlock(struct state_file *file, const struct seal *seal, struct error *err);

/*
 * Makes BLOB's file with its first content, as GENERATION, in the place of any that is there.
 * HEADER's blob, slot size and check are filled in. On a disk a permanent state has room for the
 * largest one from the start.
 */
int state_file_create(const struct state_dir *dir, enum tpm_blob blob, const struct seal *seal,
		      const struct state_header *header, uint64_t generation, const uint8_t *data,
		      size_t len, struct state_file **ret, struct error *err);

void state_file_close(struct state_file *file);
DEFINE_CLEANUP(struct state_file, state_file_close);

const struct state_header *state_file_header(const struct state_file *file);

/* Of what state_file_load() gives: its number, and when it was stored. */
uint64_t state_file_generation(const struct state_file *file);
uint64_t state_file_stored(const struct state_file *file);

/* What the administrator should know although nothing failed; "" when there is nothing. */
const char *state_file_warning(const struct state_file *file);

/* *DATA is allocated, the caller wipes and frees it. */
int state_file_load(const struct state_file *file, uint8_t **data, size_t *len, struct error *err);

/*
 * Whether it is still as we left it. -EBADMSG: it is not there, damaged or older, and the next
 * store writes it anew; -ESTALE: what is there is not ours to write over.
 */
int state_file_check(struct state_file *file, struct error *err);

/* Notes how we have left it, for state_file_check(); -ESTALE: it has no name any more. */
int state_file_mark(struct state_file *file);

/* Sees to it that any one command finds room: -ENOSPC and others when there is none. */
int state_file_make_room(struct state_file *file);

/* When it fails, what was stored before stays, and what failed never appears. */
int state_file_store(struct state_file *file, const uint8_t *data, size_t len, struct error *err);

/* For a directory whose stores are not flushed one by one. */
int state_file_sync(const struct state_file *file);

/*
 * Writes the newest content under SEAL and HEADER as a second file beside this one, where it waits
 * for state_file_commit(); the caller gives both the same SEAL.
 */
int state_file_prepare(const struct state_file *file, const struct seal *seal,
		       const struct state_header *header, struct error *err);

/* Puts the prepared file in BLOB's place; -ENOENT: there is none. */
int state_file_commit(const struct state_dir *dir, enum tpm_blob blob, struct error *err);

/*
 * What a crash left prepared: committed when it has the key of HEADER, the permanent state's, and
 * the file in its place has not; removed otherwise.
 */
int state_file_finish(const struct state_dir *dir, enum tpm_blob blob,
		      const struct state_header *header, struct error *err);

#endif
