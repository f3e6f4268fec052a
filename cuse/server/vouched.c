/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/server/vouched.h"

#include <errno.h>
#include <string.h>

#include "certs/x509/key_type.h"
#include "tpm/exchange.h"
#include "tpm/tcg.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/file.h"
#include "verify/log/bank.h"

#define NAME_MOST (2 + BANK_DIGEST_MOST)

_Static_assert(KEY_TYPES - 1 <= HOST_QUOTE_EKS_MOST, "there is room for an EK of each kind");

/* The names of all EKs, and room for the nonce's other four bytes. */
struct names {
	uint8_t bytes[HOST_QUOTE_EKS_MOST * NAME_MOST + 4];
	size_t len;
};

static int take_name(struct tpm_reader *reader, struct names *names)
{
	size_t len;
	const uint8_t *name = tpm_get_sized(reader, &len);

	if (name == NULL || len > NAME_MOST)
		return -EBADMSG;
	memcpy(names->bytes + names->len, name, len);
	names->len += len;
	return 0;
}

/* Adds the name of one EK; leaves out an EK that does not exist. */
static int add_ek(const struct tpm_executor *executor, uint32_t handle, struct names *names,
		  struct host_quote_parts *parts, struct error *err)
{
	static const char what[] = "TPM2_ReadPublic of the endorsement key";
	struct tpm_answer answer = { .code = 0 };
	const uint8_t *area;
	size_t len;
	int r = tpm_read_public(executor, handle, what, &answer, &area, &len, err);

	if (r < 0)
		return answer.code != TPM2_RC_SUCCESS ? 0 : r;
	r = host_quote_add(parts, HOST_QUOTE_EK, area, len);
	if (r == 0)
		r = take_name(&answer.body, names);
	return r < 0 ? tpm_answer_malformed(what, err) : 0;
}

static int add_eks(const struct tpm_executor *executor, struct names *names,
		   struct host_quote_parts *parts, struct error *err)
{
	int r = 0;

	for (int type = KEY_NONE + 1; r == 0 && type < KEY_TYPES; type++)
		r = add_ek(executor, key_type_info((enum key_type)type)->ek_handle, names, parts,
			   err);
	if (r == 0 && names->len == 0)
		return error_say(err, ENOTSUP,
				 "the host's TPM cannot vouch for a TPM without an endorsement "
				 "key: it was made without certificates");
	return r;
}

static int read_reset_count(const struct tpm_executor *executor, uint32_t *ret, struct error *err)
{
	static const char what[] = "TPM2_ReadClock";
	struct tpm_command command;
	struct tpm_answer answer;
	int r;

	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_ReadClock);
	r = tpm_exchange(executor, &command, what, &answer, err);
	if (r < 0)
		return r;
	(void)tpm_get_bytes(&answer.body, 8 + 8); /* time, clock */
	*ret = tpm_get_u32(&answer.body);
	return answer.body.truncated ? tpm_answer_malformed(what, err) : 0;
}

static int exchange(int fd, const uint8_t *nonce, struct host_quote_parts *parts, struct error *err)
{
	cleanup_free char *answer = NULL;
	size_t len = 0;
	int r = write_all(fd, nonce, HOST_QUOTE_NONCE);

	if (r == 0)
		r = read_whole(fd, HOST_QUOTE_MOST, &answer, &len);
	if (r == 0 && len == 0)
		r = -EIO;
	if (r == 0)
		r = host_quote_append(parts, (const uint8_t *)answer, len);
	return r < 0 ? error_say(err, EIO, "the host's TPM does not vouch for it") : 0;
}

int vouched_ask(const struct tpm_executor *executor, int fd, struct host_quote_parts *ret,
		struct error *err)
{
	uint8_t nonce[HOST_QUOTE_NONCE];
	struct names names = { .len = 0 };
	struct host_quote read;
	uint32_t reset_count = 0;
	int r;

	ret->len = 0;
	r = add_eks(executor, &names, ret, err);
	if (r == 0)
		r = read_reset_count(executor, &reset_count, err);
	if (r == 0)
		r = host_quote_nonce(names.bytes, names.len, reset_count, nonce, err);
	if (r == 0)
		r = exchange(fd, nonce, ret, err);
	if (r == 0 && host_quote_parse(ret->bytes, ret->len, &read) < 0)
		return error_say(err, EIO, "what the host's TPM vouches by is malformed");
	return r;
}
