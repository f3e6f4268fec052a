/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/bench/workload.h"

#include <errno.h>
#include <string.h>

#include "tpm/tcg.h"
#include "util/bytes.h"
#include "util/error.h"

#define CC_SIGN 0x0000015d
#define CC_POLICY_GET_DIGEST 0x00000189
#define RC_NV_DEFINED 0x14c
#define ALG_SHA256 0x000b
#define ALG_NULL 0x0010
#define NV_INDEX 0x0150bec0
#define NV_SIZE 32

struct workload_kind {
	const char *name;
	int (*prepare)(struct workload *workload, const struct tpm_executor *executor,
		       struct error *err);
};

static const uint8_t digest[32] = { 0x5a, 0xa5, [28] = 0xde, 0xad, 0xbe, 0xef };

/* Runs a command of the preparation; a code of OTHER is as good as success. */
static int run(const struct tpm_executor *executor, struct tpm_command *command, uint32_t other,
	       uint8_t *response, size_t *len, struct error *err)
{
	uint32_t code;
	const uint8_t *answer;
	int r = tpm_command_end(command);

	if (r == 0)
		r = executor->execute(executor->context, command->bytes, command->len, &answer,
				      len);
	if (r < 0)
		return error_set(err, -r, "prepare");
	memcpy(response, answer, *len);
	code = get_be32(response + 6);
	if (code != 0 && code != other)
		return error_say(err, EPROTO, "prepare: the TPM answers 0x%x", code);
	return 0;
}

static int prepare_getrandom(struct workload *workload, const struct tpm_executor *executor,
			     struct error *err)
{
	(void)executor, (void)err;
	tpm_command_begin(&workload->command, TPM2_ST_NO_SESSIONS, TPM2_CC_GetRandom);
	tpm_put_u16(&workload->command, 8);
	return 0;
}

static int prepare_pcr_extend(struct workload *workload, const struct tpm_executor *executor,
			      struct error *err)
{
	struct tpm_command *command = &workload->command;

	(void)executor, (void)err;
	tpm_command_begin(command, TPM2_ST_SESSIONS, TPM2_CC_PCR_Extend);
	tpm_put_u32(command, 10);
	tpm_put_empty_auth(command);
	tpm_put_u32(command, 1);
	tpm_put_u16(command, ALG_SHA256);
	tpm_put_bytes(command, digest, sizeof(digest));
	return 0;
}

static int define_index(const struct tpm_executor *executor, struct error *err)
{
	uint8_t response[TPM_COMMAND_MAX];
	struct tpm_command command;
	size_t len;

	tpm_command_begin(&command, TPM2_ST_SESSIONS, TPM2_CC_NV_DefineSpace);
	tpm_put_u32(&command, TPM2_RH_OWNER);
	tpm_put_empty_auth(&command);
	tpm_put_u16(&command, 0);
	tpm_put_u16(&command, 14);
	tpm_put_u32(&command, NV_INDEX);
	tpm_put_u16(&command, ALG_SHA256);
	tpm_put_u32(&command, 0x02040004); /* AUTHWRITE, AUTHREAD, NO_DA */
	tpm_put_u16(&command, 0);
	tpm_put_u16(&command, NV_SIZE);
	return run(executor, &command, RC_NV_DEFINED, response, &len, err);
}

static int prepare_nv_write(struct workload *workload, const struct tpm_executor *executor,
			    struct error *err)
{
	struct tpm_command *command = &workload->command;

	tpm_command_begin(command, TPM2_ST_SESSIONS, TPM2_CC_NV_Write);
	tpm_put_u32(command, NV_INDEX);
	tpm_put_u32(command, NV_INDEX);
	tpm_put_empty_auth(command);
	workload->vary_at = command->len + 2; /* libtpms stores nothing when nothing has changed */
	tpm_put_sized(command, digest, NV_SIZE);
	tpm_put_u16(command, 0);
	return executor != NULL ? define_index(executor, err) : 0;
}

static int make_key(const struct tpm_executor *executor, uint32_t *ret, struct error *err)
{
	/* ECC, SHA-256, fixed, sign only, no policy; no symmetric algorithm, ECDSA, P-256. */
	static const uint8_t template[] = { 0x00, 0x23, 0x00, 0x0b, 0x00, 0x04, 0x04, 0x72,
					    0x00, 0x00, 0x00, 0x10, 0x00, 0x18, 0x00, 0x0b,
					    0x00, 0x03, 0x00, 0x10, 0x00, 0x00, 0x00, 0x00 };
	uint8_t response[TPM_COMMAND_MAX];
	struct tpm_command command;
	size_t len;
	int r;

	tpm_command_begin(&command, TPM2_ST_SESSIONS, TPM2_CC_CreatePrimary);
	tpm_put_u32(&command, TPM2_RH_OWNER);
	tpm_put_empty_auth(&command);
	tpm_put_sized(&command, "\0\0\0\0", 4);
	tpm_put_sized(&command, template, sizeof(template));
	tpm_put_u16(&command, 0);
	tpm_put_u32(&command, 0);
	r = run(executor, &command, 0, response, &len, err);
	if (r == 0)
		*ret = get_be32(response + TPM_HEADER_SIZE);
	return r;
}

static int prepare_ecdsa_sign(struct workload *workload, const struct tpm_executor *executor,
			      struct error *err)
{
	struct tpm_command *command = &workload->command;
	int r = 0;

	if (executor != NULL)
		r = make_key(executor, &workload->handle, err);
	tpm_command_begin(command, TPM2_ST_SESSIONS, CC_SIGN);
	tpm_put_u32(command, workload->handle);
	tpm_put_empty_auth(command);
	tpm_put_sized(command, digest, sizeof(digest));
	tpm_put_u16(command, ALG_NULL);
	tpm_put_u16(command, 0x8024); /* a ticket that says nothing */
	tpm_put_u32(command, TPM2_RH_NULL);
	tpm_put_u16(command, 0);
	return r;
}

/* A command that does little with a transient object: what is left is the cost of the object. */
static int prepare_read_public(struct workload *workload, const struct tpm_executor *executor,
			       struct error *err)
{
	int r = executor != NULL ? make_key(executor, &workload->handle, err) : 0;

	tpm_command_begin(&workload->command, TPM2_ST_NO_SESSIONS, TPM2_CC_ReadPublic);
	tpm_put_u32(&workload->command, workload->handle);
	return r;
}

static int start_session(const struct tpm_executor *executor, uint32_t *ret, struct error *err)
{
	uint8_t response[TPM_COMMAND_MAX];
	struct tpm_command command;
	size_t len;
	int r;

	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_StartAuthSession);
	tpm_put_u32(&command, TPM2_RH_NULL);
	tpm_put_u32(&command, TPM2_RH_NULL);
	tpm_put_sized(&command, digest, sizeof(digest));
	tpm_put_u16(&command, 0);
	tpm_put_u8(&command, 1); /* a policy session */
	tpm_put_u16(&command, ALG_NULL);
	tpm_put_u16(&command, ALG_SHA256);
	r = run(executor, &command, 0, response, &len, err);
	if (r == 0)
		*ret = get_be32(response + TPM_HEADER_SIZE);
	return r;
}

/* The same for a session. */
static int prepare_policy(struct workload *workload, const struct tpm_executor *executor,
			  struct error *err)
{
	int r = executor != NULL ? start_session(executor, &workload->handle, err) : 0;

	tpm_command_begin(&workload->command, TPM2_ST_NO_SESSIONS, CC_POLICY_GET_DIGEST);
	tpm_put_u32(&workload->command, workload->handle);
	return r;
}

static const struct workload_kind kinds[] = {
	{ "getrandom", prepare_getrandom },     { "pcr-extend", prepare_pcr_extend },
	{ "nv-write", prepare_nv_write },       { "ecdsa-sign", prepare_ecdsa_sign },
	{ "read-public", prepare_read_public }, { "policy-get-digest", prepare_policy },
};

int workload_prepare(const char *name, const struct tpm_executor *executor, struct workload *ret,
		     struct error *err)
{
	*ret = (struct workload){ 0 };
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].name, name) == 0)
			ret->kind = &kinds[i];
	}
	if (ret->kind == NULL)
		return error_say(err, EINVAL, "no command '%.64s'", name);
	if (ret->kind->prepare(ret, executor, err) < 0)
		return error_prefix(err, -EPROTO, "%s", name);
	return tpm_command_end(&ret->command);
}

const struct tpm_command *workload_next(struct workload *workload)
{
	if (workload->vary_at != 0)
		put_be32(workload->command.bytes + workload->vary_at, workload->counter++);
	return &workload->command;
}

int workload_check(const struct workload *workload, const uint8_t *response, size_t len,
		   struct error *err)
{
	if (len < TPM_HEADER_SIZE || get_be32(response + 2) != len)
		return error_say(err, EPROTO, "%s: a response of %zu bytes", workload->kind->name,
				 len);
	if (get_be32(response + 6) != 0)
		return error_say(err, EPROTO, "%s: the TPM answers 0x%x", workload->kind->name,
				 get_be32(response + 6));
	return 0;
}

void workload_finish(struct workload *workload, const struct tpm_executor *executor)
{
	uint8_t response[TPM_COMMAND_MAX];
	struct tpm_command command;
	size_t len;

	if (workload->handle == 0 || executor == NULL)
		return;
	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_FlushContext);
	tpm_put_u32(&command, workload->handle);
	(void)run(executor, &command, 0, response, &len, NULL);
}
