/* SPDX-License-Identifier: BSD-3-Clause */
#include "verify/answer/saved_key.h"

#include <errno.h>

#include "tpm/command.h"
#include "util/bytes.h"
#include "util/error.h"

#define FILE_MAGIC 0xbadcc0de
#define FILE_VERSION 1

/* The TSS wraps the TPM's context: a number that is zero in front, its own data behind. */
static const uint8_t *unwrap(const uint8_t *bytes, size_t len, size_t *ret)
{
	struct tpm_reader reader = { bytes, len, false };
	const uint8_t *blob;

	if (bytes == NULL || tpm_get_u32(&reader) != 0)
		return NULL;
	blob = tpm_get_sized(&reader, ret);
	return *ret > 0 ? blob : NULL;
}

int saved_key_parse(const uint8_t *data, size_t len, struct saved_key *ret, struct error *err)
{
	struct tpm_reader reader = { data, len, false };
	const bool is_file =
		tpm_get_u32(&reader) == FILE_MAGIC && tpm_get_u32(&reader) == FILE_VERSION;
	const uint8_t *sequence, *wrapped;
	size_t wrapped_len;

	ret->hierarchy = tpm_get_u32(&reader);
	ret->handle = tpm_get_u32(&reader);
	sequence = tpm_get_bytes(&reader, 8);
	wrapped = tpm_get_sized(&reader, &wrapped_len);
	ret->blob = unwrap(wrapped, wrapped_len, &ret->blob_len);
	if (!is_file || reader.truncated || reader.left > 0 || ret->blob == NULL)
		return error_say(err, EBADMSG, "this is no key that tpm2-tools have saved");
	ret->sequence = get_be64(sequence);
	return 0;
}
