/* SPDX-License-Identifier: BSD-3-Clause */
#include "certs/factory/nv.h"

#include <errno.h>
#include <string.h>

#include "tpm/exchange.h"
#include "tpm/tcg.h"
#include "util/error.h"

/* As the EK Credential Profile has it; WRITEDEFINE is what makes a lock last for ever. */
#define FACTORY_ATTRIBUTES                                                            \
	(TPM2_NV_PPWRITE | TPM2_NV_WRITEDEFINE | TPM2_NV_PPREAD | TPM2_NV_OWNERREAD | \
	 TPM2_NV_AUTHREAD | TPM2_NV_NO_DA | TPM2_NV_PLATFORMCREATE)

/* Part 2, 6.6: TPM_RC_HANDLE, for the first handle. */
#define RC_NO_SUCH_INDEX 0x18b

static int define(const struct tpm_executor *executor, uint32_t index, size_t len,
		  struct error *err)
{
	struct tpm_command command;

	tpm_command_begin(&command, TPM2_ST_SESSIONS, TPM2_CC_NV_DefineSpace);
	tpm_put_u32(&command, TPM2_RH_PLATFORM);
	tpm_put_empty_auth(&command);
	tpm_put_u16(&command, 0);  /* the index's own password: empty */
	tpm_put_u16(&command, 14); /* size of the public area that follows */
	tpm_put_u32(&command, index);
	tpm_put_u16(&command, TPM2_ALG_SHA256);
	tpm_put_u32(&command, FACTORY_ATTRIBUTES);
	tpm_put_u16(&command, 0); /* no policy */
	tpm_put_u16(&command, (uint16_t)len);
	return tpm_exchange(executor, &command, "TPM2_NV_DefineSpace", NULL, err);
}

static void begin_with_platform(struct tpm_command *command, uint32_t code, uint32_t index)
{
	tpm_command_begin(command, TPM2_ST_SESSIONS, code);
	tpm_put_u32(command, TPM2_RH_PLATFORM);
	tpm_put_u32(command, index);
	tpm_put_empty_auth(command);
}

static int write_all_of(const struct tpm_executor *executor, uint32_t index, const uint8_t *data,
			size_t len, struct error *err)
{
	struct tpm_command command;
	size_t offset = 0;
	int r;

	/* An empty index must be written once, too, or it cannot be read. */
	do {
		size_t chunk = len - offset < NV_CHUNK_MAX ? len - offset : NV_CHUNK_MAX;

		begin_with_platform(&command, TPM2_CC_NV_Write, index);
		tpm_put_sized(&command, data + offset, chunk);
		tpm_put_u16(&command, (uint16_t)offset);
		r = tpm_exchange(executor, &command, "TPM2_NV_Write", NULL, err);
		offset += chunk;
	} while (r == 0 && offset < len);
	return r;
}

static int write_lock(const struct tpm_executor *executor, uint32_t index, struct error *err)
{
	struct tpm_command command;

	begin_with_platform(&command, TPM2_CC_NV_WriteLock, index);
	return tpm_exchange(executor, &command, "TPM2_NV_WriteLock", NULL, err);
}

int nv_make(const struct tpm_executor *executor, uint32_t index, const void *data, size_t len,
	    bool lock, struct error *err)
{
	int r;

	if (len > TPM_NV_INDEX_MAX)
		return error_say(err, EFBIG, "NV index 0x%08x: %zu bytes are more than %d", index,
				 len, TPM_NV_INDEX_MAX);
	r = define(executor, index, len, err);
	if (r == 0)
		r = write_all_of(executor, index, data, len, err);
	if (r == 0 && lock)
		r = write_lock(executor, index, err);
	return r < 0 ? error_prefix(err, r, "NV index 0x%08x", index) : 0;
}

int nv_read_public(const struct tpm_executor *executor, uint32_t index, uint32_t *attributes,
		   size_t *size, struct error *err)
{
	struct tpm_command command;
	struct tpm_answer answer = { .code = 0 };
	size_t policy_len;
	int r;

	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_NV_ReadPublic);
	tpm_put_u32(&command, index);
	r = tpm_exchange(executor, &command, "TPM2_NV_ReadPublic", &answer, err);
	if (r == -EIO && answer.code == RC_NO_SUCH_INDEX)
		return error_say(err, ENOENT, "the TPM has no NV index 0x%08x", index);
	if (r < 0)
		return r;

	(void)tpm_get_bytes(&answer.body, 8); /* size, index, name algorithm */
	*attributes = tpm_get_u32(&answer.body);
	(void)tpm_get_sized(&answer.body, &policy_len);
	*size = tpm_get_u16(&answer.body);
	if (answer.body.truncated || *size > TPM_NV_INDEX_MAX)
		return tpm_answer_malformed("TPM2_NV_ReadPublic", err);
	return 0;
}

static int read_chunk(const struct tpm_executor *executor, uint32_t index, size_t offset,
		      size_t chunk, uint8_t *data, struct error *err)
{
	struct tpm_command command;
	struct tpm_answer answer;
	const uint8_t *bytes;
	size_t len;
	int r;

	tpm_command_begin(&command, TPM2_ST_SESSIONS, TPM2_CC_NV_Read);
	tpm_put_u32(&command, index);
	tpm_put_u32(&command, index);
	tpm_put_empty_auth(&command);
	tpm_put_u16(&command, (uint16_t)chunk);
	tpm_put_u16(&command, (uint16_t)offset);
	r = tpm_exchange(executor, &command, "TPM2_NV_Read", &answer, err);
	if (r < 0)
		return r;
	(void)tpm_get_u32(&answer.body); /* size of the parameters */
	bytes = tpm_get_sized(&answer.body, &len);
	if (bytes == NULL || len != chunk)
		return tpm_answer_malformed("TPM2_NV_Read", err);
	memcpy(data, bytes, chunk);
	return 0;
}

int nv_read(const struct tpm_executor *executor, uint32_t index,
	    uint8_t data[static TPM_NV_INDEX_MAX], size_t *len, struct error *err)
{
	uint32_t attributes;
	size_t size;
	int r;

	r = nv_read_public(executor, index, &attributes, &size, err);
	for (size_t offset = 0; r == 0 && offset < size; offset += NV_CHUNK_MAX) {
		size_t chunk = size - offset < NV_CHUNK_MAX ? size - offset : NV_CHUNK_MAX;

		r = read_chunk(executor, index, offset, chunk, data + offset, err);
	}
	if (r == 0)
		*len = size;
	return r;
}
