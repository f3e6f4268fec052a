/* SPDX-License-Identifier: BSD-3-Clause */
/* A state file of swtpm's. */
#include <stdlib.h>
#include <string.h>

#include "tpm/swtpm/format.h"
#include "tpm/swtpm/crypt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_within(const uint8_t *part, size_t len, const uint8_t *data, size_t size)
{
	return part >= data && len <= size && part - data <= (ptrdiff_t)(size - len);
}

/* What the parser points to is there; what is opened can be made and opened again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *blob = NULL, *again = NULL, *blob_again = NULL;
	struct secret *key = NULL;
	struct swtpm_file file;
	size_t len, again_len, blob_again_len;

	if (swtpm_parse(data, size, &file, NULL) < 0)
		return 0;
	if (!is_within(file.payload, file.len, data, size) ||
	    (file.encrypted && (!is_within(file.hmac, 32, data, size) ||
				!is_within(file.iv, file.key_size, data, size))))
		abort();
	if (file.encrypted && secret_new(file.key_size, &key) == 0)
		memset(key->bytes, 7, key->len);
	if (swtpm_open(&file, key, &blob, &len, NULL) == 0) {
		if (swtpm_make(blob, len, key, &again, &again_len, NULL) < 0 ||
		    swtpm_parse(again, again_len, &file, NULL) < 0 ||
		    swtpm_open(&file, key, &blob_again, &blob_again_len, NULL) < 0 ||
		    blob_again_len != len || memcmp(blob, blob_again, len) != 0)
			abort();
	}
	free(blob);
	free(again);
	free(blob_again);
	secret_free(key);
	return 0;
}
