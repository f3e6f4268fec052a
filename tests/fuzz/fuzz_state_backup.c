/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A plain backup from bytes: state files one after the other, of which the input is the first bytes
 * of header and slots, with checksums that fit.
 */
#include <stdlib.h>
#include <string.h>
#include <openssl/evp.h>

#include "tpm/state/backup.h"
#include "util/bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PART 256
#define FILES 2
#define FILE_SIZE (STATE_BLOCK + STATE_SLOTS * STATE_SLOT_MIN)

static void mend_slot(const uint8_t *header, uint8_t *slot)
{
	uint8_t all[STATE_HEADER_SIZE + PART];
	uint32_t len = get_be32(slot + 8);

	if (len > PART - STATE_SLOT_HEADER_SIZE)
		return;
	memcpy(all, header, STATE_HEADER_SIZE);
	memcpy(all + STATE_HEADER_SIZE, slot, STATE_SLOT_AAD_SIZE);
	memcpy(all + STATE_HEADER_SIZE + STATE_SLOT_AAD_SIZE, slot + STATE_SLOT_HEADER_SIZE, len);
	(void)EVP_Digest(all, STATE_HEADER_SIZE + STATE_SLOT_AAD_SIZE + len, slot + 48, NULL,
			 EVP_sha256(), NULL);
}

static void take(uint8_t *target, const uint8_t **data, size_t *size)
{
	size_t len = *size < PART ? *size : PART;

	memcpy(target, *data, len);
	*data += len;
	*size -= len;
}

static void build(uint8_t *file, const uint8_t **data, size_t *size)
{
	take(file, data, size);
	(void)EVP_Digest(file, 224, file + 224, NULL, EVP_sha256(), NULL);
	for (unsigned int i = 0; i < STATE_SLOTS; i++) {
		uint8_t *slot = file + state_slot_offset(STATE_SLOT_MIN, i);

		take(slot, data, size);
		mend_slot(file, slot);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t bytes[FILES * FILE_SIZE];
	cleanup_with(state_backup_done) struct state_backup backup = { 0 };
	cleanup_with(state_key_freep) struct state_key *key = NULL;
	size_t len = 0;

	memset(bytes, 0, sizeof(bytes));
	while (size > 0 && len < sizeof(bytes)) {
		build(bytes + len, &data, &size);
		len += FILE_SIZE;
	}
	if (state_key_plain(&key, NULL) < 0 ||
	    state_backup_read(bytes, len, key, &backup, NULL) < 0)
		return 0;
	/* What is accepted is a TPM. */
	if (backup.blobs.of[BLOB_PERMANENT].data == NULL ||
	    backup.blobs.of[BLOB_PERMANENT].len == 0 || backup.generation == 0)
		abort();
	return 0;
}
