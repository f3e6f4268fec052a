/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/space/context.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tpm/command.h"
#include "tpm/tcg.h"
#include "util/bytes.h"

/* TPMS_CONTEXT: sequence (8), savedHandle (4), hierarchy (4), blob (2 and its bytes). */
#define SAVED_HANDLE_OFFSET 8
#define CONTEXT_MIN 18

/* Part 2, 14.5: savedHandle of a sequence object. */
#define SAVED_SEQUENCE_OBJECT 0x80000001

void context_done(struct context *context)
{
	free(context->bytes);
	*context = (struct context){ 0 };
}

uint64_t context_sequence(const struct context *context)
{
	return context->len >= CONTEXT_MIN ? get_be64(context->bytes) : 0;
}

int context_is_sequence_object(const struct context *context)
{
	return context->len >= CONTEXT_MIN &&
	       get_be32(context->bytes + SAVED_HANDLE_OFFSET) == SAVED_SEQUENCE_OBJECT;
}

/* Runs a command of ours; READER is set to what follows the response's header. */
static int run(const struct tpm_executor *executor, struct tpm_command *command, uint32_t *code,
	       struct tpm_reader *reader)
{
	struct tpm_answer answer = { .code = TPM2_RC_SUCCESS };
	int r = tpm_exchange(executor, command, "", &answer, NULL);

	*code = answer.code;
	*reader = answer.body;
	return answer.code != TPM2_RC_SUCCESS ? 0 : r;
}

int context_save(const struct tpm_executor *executor, uint32_t handle, struct context *saved,
		 uint32_t *code)
{
	struct tpm_command command;
	struct tpm_reader reader;
	uint8_t *bytes;
	int r;

	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_ContextSave);
	tpm_put_u32(&command, handle);
	r = run(executor, &command, code, &reader);
	if (r < 0 || *code != TPM2_RC_SUCCESS)
		return r;
	if (reader.left < CONTEXT_MIN)
		return -EBADMSG;
	bytes = malloc(reader.left);
	if (bytes == NULL)
		return -ENOMEM;

	memcpy(bytes, reader.p, reader.left);
	context_done(saved);
	saved->bytes = bytes;
	saved->len = reader.left;
	return 0;
}

int context_load(const struct tpm_executor *executor, const struct context *context,
		 uint32_t *handle, uint32_t *code)
{
	struct tpm_command command;
	struct tpm_reader reader;
	uint32_t loaded;
	int r;

	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_ContextLoad);
	tpm_put_bytes(&command, context->bytes, context->len);
	r = run(executor, &command, code, &reader);
	if (r < 0 || *code != TPM2_RC_SUCCESS)
		return r;
	loaded = tpm_get_u32(&reader);
	if (reader.truncated)
		return -EBADMSG;
	*handle = loaded;
	return 0;
}

int context_flush(const struct tpm_executor *executor, uint32_t handle, uint32_t *code)
{
	struct tpm_command command;
	struct tpm_reader reader;

	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_FlushContext);
	tpm_put_u32(&command, handle);
	return run(executor, &command, code, &reader);
}

/* Reads a TPML of 32-bit values; -EIO when the TPM does not tell, -EBADMSG when it tells nonsense.
 */
static int read_list(const struct tpm_executor *executor, uint32_t capability, uint32_t first,
		     uint32_t *list, size_t most, size_t *count)
{
	struct tpm_command command;
	struct tpm_reader reader;
	uint32_t code, n;
	int r;

	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_GetCapability);
	tpm_put_u32(&command, capability);
	tpm_put_u32(&command, first);
	tpm_put_u32(&command, (uint32_t)most);
	r = run(executor, &command, &code, &reader);
	if (r < 0)
		return r;
	if (code != TPM2_RC_SUCCESS)
		return -EIO;

	(void)tpm_get_u8(&reader); /* moreData */
	(void)tpm_get_u32(&reader);
	n = tpm_get_u32(&reader);
	for (*count = 0; *count < n && *count < most; (*count)++)
		list[*count] = tpm_get_u32(&reader);
	return reader.truncated ? -EBADMSG : 0;
}

int context_read_commands(const struct tpm_executor *executor, struct command_table *ret)
{
	/* The first command code there is. */
	return read_list(executor, TPM2_CAP_COMMANDS, TPM2_CC_NV_UndefineSpaceSpecial,
			 ret->attributes, COMMAND_TABLE_MAX, &ret->count);
}

int context_read_property(const struct tpm_executor *executor, uint32_t property, uint32_t *ret)
{
	uint32_t found, value;
	struct tpm_command command;
	struct tpm_reader reader;
	uint32_t code;
	int r;

	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_GetCapability);
	tpm_put_u32(&command, TPM2_CAP_TPM_PROPERTIES);
	tpm_put_u32(&command, property);
	tpm_put_u32(&command, 1);
	r = run(executor, &command, &code, &reader);
	if (r < 0)
		return r;
	(void)tpm_get_bytes(&reader, 9); /* moreData, capability, count */
	found = tpm_get_u32(&reader);
	value = tpm_get_u32(&reader);
	if (code != TPM2_RC_SUCCESS || reader.truncated || found != property)
		return -EIO;
	*ret = value;
	return 0;
}

int context_read_handles(const struct tpm_executor *executor, uint32_t first, uint32_t *handles,
			 size_t most, size_t *count)
{
	return read_list(executor, TPM2_CAP_HANDLES, first, handles, most, count);
}
