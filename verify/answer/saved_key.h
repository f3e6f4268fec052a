/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A key that tpm2-tools have saved in a file ("-c ak.ctx"), for the TPM to load again. Pure.
 */
#ifndef VTPM_VERIFY_ANSWER_SAVED_KEY_H
#define VTPM_VERIFY_ANSWER_SAVED_KEY_H

#include <stddef.h>
#include <stdint.h>

struct error;

#define SAVED_KEY_FILE_MOST 8192

/* TPMS_CONTEXT, TPM 2.0 Library Part 2, 14.5; BLOB is borrowed. */
struct saved_key {
	uint64_t sequence;
	uint32_t handle;
	uint32_t hierarchy;
	const uint8_t *blob;
	size_t blob_len;
};

/* -EBADMSG: DATA is no such file. */
int saved_key_parse(const uint8_t *data, size_t len, struct saved_key *ret, struct error *err);

#endif
