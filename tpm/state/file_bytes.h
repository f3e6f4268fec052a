/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A whole state file in memory: for a file in the making, and for what is carried elsewhere.
 */
#ifndef VTPM_TPM_STATE_FILE_BYTES_H
#define VTPM_TPM_STATE_FILE_BYTES_H

#include <stddef.h>
#include <stdint.h>

#include "tpm/state/seal.h"
#include "tpm/state/format.h"
#include "util/wiped.h"

struct error;

/*
 * Puts a file with the blob DATA in its first slot behind ALL, which may be empty. HEADER's blob,
 * slot size and check are filled in, SLOT gets its nonce and tag. -EFBIG: the blob is too long.
 */
int file_bytes_append(struct wiped *all, const struct seal *seal, const struct state_header *header,
		      struct state_slot *slot, const uint8_t *data);

/*
 * The header of the file that BYTES begin with, and that file's size; -EBADMSG when there are fewer
 * bytes than that.
 */
int file_bytes_parse(const uint8_t *bytes, size_t len, struct state_header *ret, size_t *size,
		     struct error *err);

/*
 * The newest slot of a file of HEADER and what is in it; *DATA is allocated, the caller wipes and
 * frees it. -EKEYREJECTED: SEAL is not the file's; -EBADMSG: no slot verifies.
 */
int file_bytes_open(const uint8_t *bytes, const struct state_header *header,
		    const struct seal *seal, struct state_slot *slot, uint8_t **data,
		    struct error *err);

#endif
