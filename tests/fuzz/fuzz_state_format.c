/* SPDX-License-Identifier: BSD-3-Clause */
/* The headers of a state file and of its slots. */
#include <stdlib.h>
#include <string.h>
#include <openssl/evp.h>

#include "tpm/state/seal.h"
#include "tpm/state/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is accepted is safe to go on with, and was understood to the last byte. */
static void try_header(const uint8_t *block)
{
	uint8_t again[STATE_BLOCK];
	struct state_header header;

	if (state_header_parse(block, &header, NULL) < 0)
		return;
	if (header.key == KEY_PASSWORD && !state_kdf_is_sane(&header.kdf))
		abort();
	if (state_header_build(&header, again) < 0 || memcmp(block, again, sizeof(again)) != 0)
		abort();
}

static void try_slot(const uint8_t *bytes)
{
	uint8_t again[STATE_SLOT_HEADER_SIZE];
	struct state_slot slot;

	if (state_slot_parse(bytes, bytes[12] % BLOBS, STATE_SLOT_MIN, &slot) < 0)
		return;
	if (slot.len > STATE_SLOT_MIN - STATE_SLOT_HEADER_SIZE)
		abort();
	state_slot_build(&slot, again);
	if (memcmp(bytes, again, sizeof(again)) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t block[STATE_BLOCK] = { 0 };

	memcpy(block, data, size < sizeof(block) ? size : sizeof(block));
	try_slot(block);
	try_header(block);
	/* With a right checksum the other checks have their turn. */
	if (EVP_Digest(block, 224, block + 224, NULL, EVP_sha256(), NULL) == 1)
		try_header(block);
	return 0;
}
