/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A state file's bytes: a block with the header, then two slots of equal size. Pure functions;
 * vtpm-state(5) has the layout.
 */
#ifndef VTPM_TPM_STATE_FORMAT_H
#define VTPM_TPM_STATE_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tpm/state/key.h"
#include "tpm/tpm.h"

struct error;

#define STATE_FORMAT_VERSION 2
#define STATE_FORMAT_OLDEST 1
#define STATE_BLOCK 4096
#define STATE_HEADER_SIZE 256
#define STATE_SLOTS 2
#define STATE_SLOT_HEADER_SIZE 80
#define STATE_SLOT_AAD_SIZE 32 /* of the slot's header: what the seal covers */
#define STATE_SLOT_MIN (32U << 10)
#define STATE_SLOT_MAX (16U << 20)
#define STATE_SLOT_FULL (256U << 10) /* for the largest state of a TPM */

#define STATE_ID_SIZE 16
#define STATE_SALT_SIZE 32
#define STATE_CHECK_SIZE 32
#define STATE_NONCE_SIZE 12
#define STATE_TAG_SIZE 32

/* The cost of a password; all zero for the other kinds of key. */
struct state_kdf {
	uint32_t n; /* a power of two */
	uint32_t r;
	uint32_t p;
};

struct state_header {
	uint16_t format; /* of all files of the TPM */
	enum tpm_blob blob;
	enum tpm_version version;
	enum key_kind key;
	struct state_kdf kdf;
	uint32_t slot_size;
	uint64_t created; /* seconds since 1970 */
	uint8_t id[STATE_ID_SIZE];
	uint8_t salt[STATE_SALT_SIZE];
	uint8_t check[STATE_CHECK_SIZE]; /* tells a wrong key; zero for plain */
};

struct state_slot {
	uint64_t generation; /* 1 and up */
	uint32_t len;        /* of the blob */
	enum tpm_blob blob;
	uint64_t stored; /* seconds since 1970 */
	uint8_t nonce[STATE_NONCE_SIZE];
	uint8_t tag[STATE_TAG_SIZE];
};

/* Whether scrypt with these numbers is defined, and stays below 20 MiB and a few seconds. */
bool state_kdf_is_sane(const struct state_kdf *kdf);

/* Fails only where SHA-256 does. */
int state_header_build(const struct state_header *header, uint8_t block[static STATE_BLOCK]);

/*
 * -EBADMSG: no header, or a corrupt one; -EPROTONOSUPPORT: of a newer format. What is accepted
 * builds the same bytes again.
 */
int state_header_parse(const uint8_t block[static STATE_BLOCK], struct state_header *ret,
		       struct error *err);

void state_slot_build(const struct state_slot *slot, uint8_t bytes[static STATE_SLOT_HEADER_SIZE]);

/* -ENODATA: never written; -EBADMSG: cannot be a slot of SLOT_SIZE bytes of a file of BLOB. */
int state_slot_parse(const uint8_t bytes[static STATE_SLOT_HEADER_SIZE], enum tpm_blob blob,
		     uint32_t slot_size, struct state_slot *ret);

/* Where slot NUMBER begins in a file, and with STATE_SLOTS where the file ends. */
uint64_t state_slot_offset(uint32_t slot_size, unsigned int number);

/* The slot size for a blob of LEN bytes, with room to grow; 0: too long for any. */
uint32_t state_slot_size_for(size_t len);

#endif
