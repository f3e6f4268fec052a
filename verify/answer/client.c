/* SPDX-License-Identifier: BSD-3-Clause */
#include "verify/answer/client.h"

#include <errno.h>
#include <string.h>

#include "certs/x509/public.h"
#include "tpm/tcg.h"
#include "util/bytes.h"
#include "util/error.h"

#define SESSION_POLICY 1
#define CONTINUE_SESSION 1

/* Sends a command whose response begins with a handle. */
static int exchange_for_handle(const struct tpm_executor *tpm, struct tpm_command *command,
			       const char *what, uint32_t *ret, struct error *err)
{
	struct tpm_answer answer;
	int r = tpm_exchange(tpm, command, what, &answer, err);

	if (r < 0)
		return r;
	*ret = tpm_get_u32(&answer.body);
	return answer.body.truncated ? tpm_answer_malformed(what, err) : 0;
}

int client_load(const struct tpm_executor *tpm, const struct saved_key *saved, uint32_t *ret,
		struct error *err)
{
	struct tpm_command command;

	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_ContextLoad);
	tpm_put_u32(&command, (uint32_t)(saved->sequence >> 32));
	tpm_put_u32(&command, (uint32_t)saved->sequence);
	tpm_put_u32(&command, saved->handle);
	tpm_put_u32(&command, saved->hierarchy);
	tpm_put_sized(&command, saved->blob, saved->blob_len);
	return exchange_for_handle(tpm, &command, "TPM2_ContextLoad", ret, err);
}

static int read_public(const struct tpm_executor *tpm, uint32_t handle, struct tpm_public *ret,
		       struct error *err)
{
	static const char what[] = "TPM2_ReadPublic of the endorsement key";
	struct tpm_answer answer;
	const uint8_t *area;
	size_t len;
	int r = tpm_read_public(tpm, handle, what, &answer, &area, &len, err);

	if (r == 0 && tpm_public_parse(area, len, ret) < 0)
		return tpm_answer_malformed(what, err);
	return r;
}

static int start_session(const struct tpm_executor *tpm, uint16_t hash, uint32_t *ret,
			 struct error *err)
{
	static const uint8_t nonce[16]; /* of no use where there is no key */
	struct tpm_command command;

	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_StartAuthSession);
	tpm_put_u32(&command, TPM2_RH_NULL);
	tpm_put_u32(&command, TPM2_RH_NULL);
	tpm_put_sized(&command, nonce, sizeof(nonce));
	tpm_put_u16(&command, 0);
	tpm_put_u8(&command, SESSION_POLICY);
	tpm_put_u16(&command, TPM2_ALG_NULL);
	tpm_put_u16(&command, hash);
	return exchange_for_handle(tpm, &command, "TPM2_StartAuthSession", ret, err);
}

/* PolicyA of the EK Credential Profile. */
static int satisfy_policy(const struct tpm_executor *tpm, uint32_t session, struct error *err)
{
	struct tpm_command command;

	tpm_command_begin(&command, TPM2_ST_SESSIONS, TPM2_CC_PolicySecret);
	tpm_put_u32(&command, TPM2_RH_ENDORSEMENT);
	tpm_put_u32(&command, session);
	tpm_put_empty_auth(&command);
	tpm_put_u16(&command, 0); /* no nonce, no command, no reference */
	tpm_put_u16(&command, 0);
	tpm_put_u16(&command, 0);
	tpm_put_u32(&command, 0); /* for as long as the session is there */
	return tpm_exchange(tpm, &command, "TPM2_PolicySecret", NULL, err);
}

static void put_session(struct tpm_command *command, uint32_t session)
{
	tpm_put_u32(command, session);
	tpm_put_u16(command, 0);
	tpm_put_u8(command, session != TPM2_RS_PW ? CONTINUE_SESSION : 0);
	tpm_put_u16(command, 0);
}

/* SESSION authorizes the use of EK; that of AK is by its empty password. */
static int activate(const struct tpm_executor *tpm, uint32_t ek, uint32_t ak, uint32_t session,
		    const struct credential *credential, uint8_t *secret, struct error *err)
{
	static const char what[] = "TPM2_ActivateCredential";
	struct tpm_command command;
	struct tpm_answer answer;
	const uint8_t *opened;
	size_t len;
	int r;

	tpm_command_begin(&command, TPM2_ST_SESSIONS, TPM2_CC_ActivateCredential);
	tpm_put_u32(&command, ak);
	tpm_put_u32(&command, ek);
	tpm_put_u32(&command, 2 * 9);
	put_session(&command, TPM2_RS_PW);
	put_session(&command, session);
	tpm_put_sized(&command, credential->blob, credential->blob_len);
	tpm_put_sized(&command, credential->encrypted, credential->encrypted_len);
	r = tpm_exchange(tpm, &command, what, &answer, err);
	if (r < 0)
		return r;
	(void)tpm_get_u32(&answer.body); /* the size of the parameters */
	opened = tpm_get_sized(&answer.body, &len);
	if (opened == NULL || len != CREDENTIAL_SECRET)
		return tpm_answer_malformed(what, err);
	memcpy(secret, opened, len);
	return 0;
}

static int activate_by_policy(const struct tpm_executor *tpm, uint32_t ek, uint32_t ak,
			      uint16_t hash, const struct credential *credential, uint8_t *secret,
			      struct error *err)
{
	uint32_t session;
	int r = start_session(tpm, hash, &session, err), flushed;

	if (r < 0)
		return r;
	r = satisfy_policy(tpm, session, err);
	if (r == 0)
		r = activate(tpm, ek, ak, session, credential, secret, err);
	flushed = tpm_flush(tpm, session, r == 0 ? err : NULL);
	return r < 0 ? r : flushed;
}

int client_activate(const struct tpm_executor *tpm, uint32_t ek, uint32_t ak,
		    const struct credential *credential, uint8_t secret[static CREDENTIAL_SECRET],
		    struct error *err)
{
	struct tpm_public public;
	int r = read_public(tpm, ek, &public, err);

	if (r < 0)
		return r;
	if ((public.attributes & TPM2_OBJECT_USERWITHAUTH) != 0)
		return activate(tpm, ek, ak, TPM2_RS_PW, credential, secret, err);
	return activate_by_policy(tpm, ek, ak, public.name_algorithm, credential, secret, err);
}
