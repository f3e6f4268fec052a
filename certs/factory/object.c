/* SPDX-License-Identifier: BSD-3-Clause */
#include "certs/factory/object.h"

#include <errno.h>

#include "tpm/exchange.h"
#include "certs/x509/public.h"
#include "tpm/tcg.h"
#include "util/error.h"

/* Of what is wrong with a parameter: its value, the key's size, the curve. */
static bool code_is_about_a_value(uint32_t code)
{
	return (code & 0x80) != 0;
}

int object_is_supported(const struct tpm_executor *executor, const struct key_template *template,
			struct error *err)
{
	struct tpm_command command;
	struct tpm_answer answer = { .code = 0 };
	int r;

	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_TestParms);
	key_template_put_parms(template, &command);
	r = tpm_exchange(executor, &command, "TPM2_TestParms", &answer, err);
	if (r == -EIO && code_is_about_a_value(answer.code))
		return error_say(err, ENOTSUP, "this TPM cannot make %s keys",
				 key_type_info(template->type)->name);
	return r;
}

static int create_primary(const struct tpm_executor *executor, const struct key_template *template,
			  struct tpm_answer *answer, struct error *err)
{
	uint8_t public[TEMPLATE_MAX];
	struct tpm_command command;
	size_t len = key_template_write(template, public);

	tpm_command_begin(&command, TPM2_ST_SESSIONS, TPM2_CC_CreatePrimary);
	tpm_put_u32(&command, template->role == ROLE_SRK ? TPM2_RH_OWNER : TPM2_RH_ENDORSEMENT);
	tpm_put_empty_auth(&command);
	tpm_put_sized(&command, "\0\0\0\0", 4); /* no password, no data of ours */
	tpm_put_sized(&command, public, len);
	tpm_put_u16(&command, 0); /* no outside information */
	tpm_put_u32(&command, 0); /* no PCRs */
	return tpm_exchange(executor, &command, "TPM2_CreatePrimary", answer, err);
}

static int evict(const struct tpm_executor *executor, uint32_t object, uint32_t handle,
		 struct error *err)
{
	struct tpm_command command;

	tpm_command_begin(&command, TPM2_ST_SESSIONS, TPM2_CC_EvictControl);
	tpm_put_u32(&command, TPM2_RH_OWNER);
	tpm_put_u32(&command, object);
	tpm_put_empty_auth(&command);
	tpm_put_u32(&command, handle);
	return tpm_exchange(executor, &command, "TPM2_EvictControl", NULL, err);
}

/* What TPM2_CreatePrimary() answers: handle, size of the parameters, the public area. */
static int read_public(struct tpm_answer *answer, uint32_t *object, EVP_PKEY **ret,
		       struct error *err)
{
	struct tpm_public public;
	const uint8_t *area;
	size_t len;

	*object = tpm_get_u32(&answer->body);
	(void)tpm_get_u32(&answer->body);
	area = tpm_get_sized(&answer->body, &len);
	if (area == NULL || tpm_public_parse(area, len, &public) < 0)
		return tpm_answer_malformed("TPM2_CreatePrimary", err);
	return tpm_public_to_pkey(&public, ret, err);
}

int object_make(const struct tpm_executor *executor, const struct key_template *template,
		uint32_t handle, EVP_PKEY **ret, struct error *err)
{
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *pkey = NULL;
	struct tpm_answer answer;
	uint32_t object;
	int r;

	r = create_primary(executor, template, &answer, err);
	if (r == 0)
		r = read_public(&answer, &object, &pkey, err);
	if (r == 0)
		r = evict(executor, object, handle, err);
	if (r == 0)
		r = tpm_flush(executor, object, err);
	if (r < 0)
		return error_prefix(err, r, "make a key of type %s",
				    key_type_info(template->type)->name);
	*ret = take_ptr(pkey);
	return 0;
}
