/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sealing with a key: AES-256-GCM; keys by HKDF-SHA256, from a password by scrypt. A plain state
 * has SHA-256 in the place of the seal. OpenSSL 3, without its configuration.
 */
#ifndef VTPM_TPM_STATE_SEAL_H
#define VTPM_TPM_STATE_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "tpm/state/key.h"
#include "tpm/state/format.h"
#include "util/cleanup.h"

struct error;
struct seal;

/* What a password costs when it is set: 16 MiB and some tens of milliseconds. */
#define SEAL_KDF_DEFAULT ((struct state_kdf){ .n = 1U << 14, .r = 8, .p = 5 })

/*
 * The seal of the files with this HEADER (format, id, key, kdf and salt of it) from SECRET, as
 * state_key_get() gives it. Runs scrypt for a password.
 */
int seal_new(const struct state_header *header, const struct secret *secret, struct seal **ret,
	     struct error *err);

/* For a file that is made: its kind of key, what a password costs, and a salt. */
int seal_choose(struct state_header *header, const struct state_key *key, struct error *err);

/* As seal_new(); a host key that is missing is made when MAY_MAKE. */
int seal_new_by_key(const struct state_header *header, const struct state_key *key, bool may_make,
		    struct seal **ret, struct error *err);

void seal_free(struct seal *seal);
DEFINE_CLEANUP(struct seal, seal_free);

/* The header's value that a wrong key does not have. */
void seal_check(const struct seal *seal, uint8_t check[static STATE_CHECK_SIZE]);

/* Whether HEADER has that value, and the kind of key. */
bool seal_is_of(const struct seal *seal, const struct state_header *header);

/*
 * Fills in the nonce and the tag of SLOT and writes the blob's LEN bytes sealed to OUT. HEADER, the
 * file's STATE_HEADER_SIZE bytes, and the slot's own fields are sealed along.
 */
int seal_close(const struct seal *seal, const uint8_t *header, struct state_slot *slot,
	       const uint8_t *data, uint8_t *out);

/* As seal_close(), and the slot's header in front of it. */
int seal_slot(const struct seal *seal, const uint8_t *header, struct state_slot *slot,
	      const uint8_t *data, uint8_t *bytes);

/* -EBADMSG when the seal is broken; OUT is then wiped. */
int seal_open(const struct seal *seal, const uint8_t *header, const struct state_slot *slot,
	      const uint8_t *sealed, uint8_t *out);

#endif
