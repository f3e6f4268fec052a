/* SPDX-License-Identifier: BSD-3-Clause */
#include "verify/answer/registers.h"

#include <errno.h>
#include <string.h>

#include "tpm/tcg.h"
#include "util/error.h"

static void put_selection(struct tpm_command *command, const struct bank *bank, uint32_t pcrs)
{
	tpm_put_u16(command, bank->alg);
	tpm_put_u8(command, PCRS / 8);
	for (int i = 0; i < PCRS / 8; i++)
		tpm_put_u8(command, (uint8_t)(pcrs >> 8 * i));
}

int client_quote(const struct tpm_executor *tpm, uint32_t ak, const uint8_t *nonce,
		 size_t nonce_len, const struct pcr_selection *selections, size_t count,
		 struct client_quote *ret, struct error *err)
{
	static const char what[] = "TPM2_Quote";
	struct tpm_reader parameters = { NULL, 0, false };
	const uint8_t *bytes;
	struct tpm_command command;
	struct tpm_answer answer;
	int r;

	tpm_command_begin(&command, TPM2_ST_SESSIONS, TPM2_CC_Quote);
	tpm_put_u32(&command, ak);
	tpm_put_empty_auth(&command);
	tpm_put_sized(&command, nonce, nonce_len);
	tpm_put_u16(&command, TPM2_ALG_NULL); /* the key's own scheme */
	tpm_put_u32(&command, (uint32_t)count);
	for (size_t i = 0; i < count; i++)
		put_selection(&command, selections[i].bank, selections[i].pcrs);
	r = tpm_exchange(tpm, &command, what, &answer, err);
	if (r < 0)
		return r;
	parameters.left = tpm_get_u32(&answer.body);
	parameters.p = tpm_get_bytes(&answer.body, parameters.left);
	if (parameters.p == NULL)
		return tpm_answer_malformed(what, err);
	bytes = tpm_get_sized(&parameters, &ret->quote_len);
	if (bytes == NULL)
		return tpm_answer_malformed(what, err);
	memcpy(ret->quote, bytes, ret->quote_len);
	ret->signature_len = parameters.left;
	memcpy(ret->signature, parameters.p, parameters.left);
	return 0;
}

static int read_pcr(const struct tpm_executor *tpm, struct pcr_value *value, struct error *err)
{
	static const char what[] = "TPM2_PCR_Read";
	struct tpm_command command;
	struct tpm_answer answer;
	const uint8_t *bytes;
	size_t len;
	int r;

	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_PCR_Read);
	tpm_put_u32(&command, 1);
	put_selection(&command, value->bank, UINT32_C(1) << value->pcr);
	r = tpm_exchange(tpm, &command, what, &answer, err);
	if (r < 0)
		return r;
	(void)tpm_get_u32(&answer.body); /* how often registers have changed */
	(void)tpm_get_bytes(&answer.body, 4 + 2 + 1 + PCRS / 8);
	if (tpm_get_u32(&answer.body) != 1)
		return error_say(err, EIO, "%s: this TPM has no register %u of %s", what,
				 value->pcr, value->bank->name);
	bytes = tpm_get_sized(&answer.body, &len);
	if (bytes == NULL || len != value->bank->size)
		return tpm_answer_malformed(what, err);
	memcpy(value->bytes, bytes, len);
	value->known = true;
	return 0;
}

int client_read_pcrs(const struct tpm_executor *tpm, struct pcr_values *values, struct error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < values->count; i++)
		r = read_pcr(tpm, &values->values[i], err);
	return r;
}
