/* SPDX-License-Identifier: BSD-3-Clause */
/* A key that was accepted has a name of its own, with its size in front and without. */
#include <stdlib.h>
#include <string.h>

#include "util/bytes.h"
#include "util/cleanup.h"
#include "verify/quote/attestation_key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_with(attestation_key_done) struct attestation_key key = { .key = NULL };
	cleanup_with(attestation_key_done) struct attestation_key other = { .key = NULL };
	cleanup_free uint8_t *sized = malloc(size + 2);

	if (size > UINT16_MAX || sized == NULL || attestation_key_read(data, size, &key, NULL) < 0)
		return 0;
	if (key.key == NULL || key.name_len != 2U + bank_find(get_be16(key.name))->size)
		abort();
	if (get_be16(data) == size - 2)
		return 0;
	put_be16(sized, (uint16_t)size);
	memcpy(sized + 2, data, size);
	if (attestation_key_read(sized, size + 2, &other, NULL) < 0 ||
	    memcmp(key.name, other.name, key.name_len) != 0)
		abort();
	return 0;
}
