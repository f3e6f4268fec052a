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

	ret->code = header.code;
	ret->body = (struct tpm_reader){ bytes + TPM_HEADER_SIZE, len - TPM_HEADER_SIZE, false };
	if (header.code != TPM2_RC_SUCCESS)
		return error_say(err, EIO, "%s: the TPM answers 0x%x", what, header.code);
	return 0;
}
