/* SPDX-License-Identifier: BSD-3-Clause */
/* Files that a device reads: a challenge is written again as the same bytes, a saved key is all of
 * them. */
#include <stdlib.h>
#include <string.h>

#include "verify/answer/saved_key.h"
#include "verify/quote/credential.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t bytes[CREDENTIAL_FILE_MOST];
	struct credential credential;
	struct saved_key saved;

	if (credential_parse(data, size, &credential, NULL) == 0 &&
	    (credential_write(&credential, bytes) != size || memcmp(bytes, data, size) != 0))
		abort();
	if (saved_key_parse(data, size, &saved, NULL) == 0 &&
	    (saved.blob < data || saved.blob_len == 0 || saved.blob + saved.blob_len > data + size))
		abort();
	return 0;
}
