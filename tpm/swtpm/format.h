/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * swtpm's files: a header, then tagged values; AES-CBC with HMAC-SHA256 when encrypted. Pure
 * functions but for the random IV.
 */
#ifndef VTPM_TPM_SWTPM_FORMAT_H
#define VTPM_TPM_SWTPM_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tpm/tpm.h"
#include "util/secret.h"

struct error;

/* The parts of a file; all pointers go into the bytes that were parsed. */
struct swtpm_file {
	bool encrypted;
	size_t key_size; /* 16 or 32 when encrypted */
	const uint8_t *payload;
	size_t len;
	const uint8_t *hmac; /* 32 bytes; like the next NULL when not encrypted */
	const uint8_t *iv;   /* key_size bytes, of which the first 16 are used */
};

/* "tpm2-00.permall" and so on. */
const char *swtpm_file_name(enum tpm_version version, enum tpm_blob blob);

/* -EBADMSG: not such a file; -ENOTSUP: of a kind that is not read here. */
int swtpm_parse(const uint8_t *bytes, size_t len, struct swtpm_file *ret, struct error *err);

/*
 * libtpms' blob in FILE; KEY is NULL for one that is not encrypted. *DATA is allocated, the caller
 * wipes and frees it. -EKEYREJECTED: wrong key, none, or one too many.
 */
int swtpm_open(const struct swtpm_file *file, const struct secret *key, uint8_t **data, size_t *len,
	       struct error *err);

/* The bytes of a file with the blob DATA, encrypted unless KEY is NULL. *BYTES is allocated. */
int swtpm_make(const uint8_t *data, size_t len, const struct secret *key, uint8_t **bytes,
	       size_t *size, struct error *err);

#endif
