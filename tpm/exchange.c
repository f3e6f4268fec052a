/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/exchange.h"

#include <errno.h>

#include "tpm/tcg.h"
#include "util/error.h"

int tpm_answer_malformed(const char *what, struct error *err)
{
	return error_say(err, EBADMSG, "%s: the TPM's answer is malformed", what);
}

int tpm_exchange(const struct tpm_executor *executor, struct tpm_command *command, const char *what,
		 struct tpm_answer *ret, struct error *err)
{
	struct tpm_answer unwanted;
	struct tpm_header header;
	const uint8_t *bytes;
	size_t len = 0;
	int r;

	r = tpm_command_end(command);
	if (r == 0)
		r = executor->execute(executor->context, command->bytes, command->len, &bytes,
				      &len);
	if (r < 0)
		return error_set(err, -r, "%s", what);
	if (len > TPM_COMMAND_MAX || tpm_header_parse(bytes, len, &header) < 0)
		return tpm_answer_malformed(what, err);

	ret = ret != NULL ? ret : &unwanted;
	ret->code = header.code;
	ret->body = (struct tpm_reader){ bytes + TPM_HEADER_SIZE, len - TPM_HEADER_SIZE, false };
	if (header.code != TPM2_RC_SUCCESS)
		return error_say(err, EIO, "%s: the TPM answers 0x%x", what, header.code);
	return 0;
}

int tpm_get_capability(const struct tpm_executor *executor, uint32_t capability, uint32_t property,
		       uint32_t count, struct tpm_answer *ret, struct error *err)
{
	static const char what[] = "TPM2_GetCapability";
	struct tpm_command command;
	int r;

	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_GetCapability);
	tpm_put_u32(&command, capability);
	tpm_put_u32(&command, property);
	tpm_put_u32(&command, count);
	r = tpm_exchange(executor, &command, what, ret, err);
	if (r < 0)
		return r;
	(void)tpm_get_u8(&ret->body); /* more data */
	return tpm_get_u32(&ret->body) == capability ? 0 : tpm_answer_malformed(what, err);
}

int tpm_read_public(const struct tpm_executor *executor, uint32_t handle, const char *what,
		    struct tpm_answer *ret, const uint8_t **area, size_t *len, struct error *err)
{
	struct tpm_command command;
	int r;

	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_ReadPublic);
	tpm_put_u32(&command, handle);
	r = tpm_exchange(executor, &command, what, ret, err);
	if (r < 0)
		return r;
	*area = tpm_get_sized(&ret->body, len);
	return *area != NULL ? 0 : tpm_answer_malformed(what, err);
}

int tpm_flush(const struct tpm_executor *executor, uint32_t handle, struct error *err)
{
	struct tpm_command command;

	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_FlushContext);
	tpm_put_u32(&command, handle);
	return tpm_exchange(executor, &command, "TPM2_FlushContext", NULL, err);
}
