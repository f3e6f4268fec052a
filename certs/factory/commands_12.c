/* SPDX-License-Identifier: BSD-3-Clause */
#include "certs/factory/commands_12.h"

#include <errno.h>

#include <openssl/rand.h>

#include "tpm/exchange.h"
#include "certs/x509/public.h"
#include "tpm/tcg.h"
#include "util/bytes.h"
#include "util/error.h"

/* TPM 1.2 Part 2: 4.5 physical presence, 4.8 algorithms, 19 NV, 21 capabilities. */
#define CAP_FLAG 0x00000004
#define CAP_FLAG_PERMANENT 0x00000108
#define CAP_PROPERTY 0x00000005
#define CAP_PROP_OWNER 0x00000111
#define CAP_NV_INDEX 0x00000011
#define PHYSICAL_PRESENCE_PRESENT 0x0008
#define PHYSICAL_PRESENCE_NOTPRESENT_LOCK 0x0014
#define PHYSICAL_PRESENCE_CMD_ENABLE 0x0020
#define ALG_RSA 0x00000001
#define ES_RSAESOAEP_SHA1_MGF1 0x0003
#define SS_NONE 0x0001
#define TAG_NV_ATTRIBUTES 0x0017
#define TAG_NV_DATA_PUBLIC 0x0018
#define NV_INDEX_LOCK 0xffffffff
#define NV_PER_OWNERREAD_OWNERWRITE 0x00020002
#define ALL_LOCALITIES 0x1f
#define EK_BITS 2048

/* PC Client Implementation Specification 1.2, 7.4.5: a stored certificate, whole. */
#define TAG_PCCLIENT_STORED_CERT 0x1001
#define PCCLIENT_FULL_CERT_TYPE 0
#define TAG_PCCLIENT_FULL_CERT 0x1002
#define STORED_CERT_HEADER 7

static void begin(struct tpm_command *command, uint32_t ordinal)
{
	tpm_command_begin(command, TPM12_TAG_RQU_COMMAND, ordinal);
}

static int physical_presence(const struct tpm_executor *executor, uint16_t what, uint32_t *code,
			     struct error *err)
{
	struct tpm_answer answer = { .code = TPM2_RC_SUCCESS };
	struct tpm_command command;
	int r;

	begin(&command, TPM12_ORD_TSC_PhysicalPresence);
	tpm_put_u16(&command, what);
	r = tpm_exchange(executor, &command, "TSC_PhysicalPresence", &answer, err);
	*code = answer.code;
	return r;
}

/* A TPM whose setting is locked for life refuses to change it, and that is no failure. */
static int settle_presence(const struct tpm_executor *executor, uint16_t what, struct error *err)
{
	uint32_t code;
	int r = physical_presence(executor, what, &code, err);

	return code == TPM12_BAD_PARAMETER ? 0 : r;
}

int tpm12_allow_presence(const struct tpm_executor *executor, struct error *err)
{
	return settle_presence(executor, PHYSICAL_PRESENCE_CMD_ENABLE, err);
}

int tpm12_end_presence(const struct tpm_executor *executor, struct error *err)
{
	int r = tpm12_allow_presence(executor, err);

	return r == 0 ? settle_presence(executor, PHYSICAL_PRESENCE_NOTPRESENT_LOCK, err) : r;
}

/* What follows the size of the capability. */
static int get_capability(const struct tpm_executor *executor, uint32_t area, uint32_t which,
			  struct tpm_reader *ret, struct error *err)
{
	struct tpm_command command;
	struct tpm_answer answer;
	int r;

	begin(&command, TPM12_ORD_GetCapability);
	tpm_put_u32(&command, area);
	tpm_put_u32(&command, sizeof(which));
	tpm_put_u32(&command, which);
	r = tpm_exchange(executor, &command, "TPM_GetCapability", &answer, err);
	if (r < 0)
		return r;
	*ret = answer.body;
	(void)tpm_get_u32(ret);
	return 0;
}

static int get_switches(const struct tpm_executor *executor, struct tpm12_status *ret,
			struct error *err)
{
	struct tpm_reader flags, owner;
	bool disabled, deactivated;
	int r = get_capability(executor, CAP_FLAG, CAP_FLAG_PERMANENT, &flags, err);

	if (r < 0)
		return r;
	(void)tpm_get_u16(&flags); /* its tag */
	disabled = tpm_get_u8(&flags) != 0;
	(void)tpm_get_u8(&flags); /* whether an owner is let in */
	deactivated = tpm_get_u8(&flags) != 0;
	ret->active = !disabled && !deactivated;
	if (flags.truncated)
		return tpm_answer_malformed("TPM_GetCapability", err);
	r = get_capability(executor, CAP_PROPERTY, CAP_PROP_OWNER, &owner, err);
	if (r < 0)
		return r;
	ret->owned = tpm_get_u8(&owner) != 0;
	return owner.truncated ? tpm_answer_malformed("TPM_GetCapability", err) : 0;
}

int tpm12_get_status(const struct tpm_executor *executor, struct tpm12_status *ret,
		     struct error *err)
{
	static const uint8_t nonce[20];
	struct tpm_answer answer = { .code = TPM2_RC_SUCCESS };
	struct tpm_command command;
	int r = get_switches(executor, ret, err);

	if (r < 0)
		return r;
	begin(&command, TPM12_ORD_ReadPubek);
	tpm_put_bytes(&command, nonce, sizeof(nonce));
	r = tpm_exchange(executor, &command, "TPM_ReadPubek", &answer, err);
	ret->has_ek = answer.code != TPM12_NO_ENDORSEMENT;
	return answer.code != TPM2_RC_SUCCESS ? 0 : r;
}

int tpm12_activate(const struct tpm_executor *executor, struct error *err)
{
	struct tpm_command command;
	uint32_t code;
	int r;

	r = tpm12_allow_presence(executor, err);
	if (r == 0)
		r = physical_presence(executor, PHYSICAL_PRESENCE_PRESENT, &code, err);
	if (r < 0)
		return r;
	begin(&command, TPM12_ORD_PhysicalEnable);
	r = tpm_exchange(executor, &command, "TPM_PhysicalEnable", NULL, err);
	if (r < 0)
		return r;
	begin(&command, TPM12_ORD_PhysicalSetDeactivated);
	tpm_put_u8(&command, 0);
	return tpm_exchange(executor, &command, "TPM_PhysicalSetDeactivated", NULL, err);
}

/* TPM_KEY_PARMS of an endorsement key. */
static void put_key_parms(struct tpm_command *command)
{
	tpm_put_u32(command, ALG_RSA);
	tpm_put_u16(command, ES_RSAESOAEP_SHA1_MGF1);
	tpm_put_u16(command, SS_NONE);
	tpm_put_u32(command, 12); /* size of the three that follow */
	tpm_put_u32(command, EK_BITS);
	tpm_put_u32(command, 2); /* primes */
	tpm_put_u32(command, 0); /* the default exponent, 65537 */
}

int tpm12_parse_pubkey(const uint8_t *data, size_t len, EVP_PKEY **ret, struct error *err)
{
	struct tpm_reader reader = { data, len, false };
	struct tpm_public public = { .algorithm = TPM2_ALG_RSA, .exponent = 65537 };
	struct tpm_reader parms;
	uint32_t bits, exponent_size;

	if (tpm_get_u32(&reader) != ALG_RSA)
		return error_say(err, EBADMSG, "the endorsement key is not an RSA key");
	(void)tpm_get_u32(&reader); /* the schemes */
	parms.left = tpm_get_u32(&reader);
	parms.p = tpm_get_bytes(&reader, parms.left);
	parms.truncated = parms.p == NULL;
	bits = tpm_get_u32(&parms);
	(void)tpm_get_u32(&parms); /* primes */
	exponent_size = tpm_get_u32(&parms);
	public.unique_len = tpm_get_u32(&reader);
	public.unique = tpm_get_bytes(&reader, public.unique_len);
	if (public.unique == NULL || parms.truncated || bits != EK_BITS ||
	    public.unique_len != EK_BITS / 8 || exponent_size != 0)
		return error_say(err, EBADMSG, "the endorsement key is not RSA 2048");
	public.bits = EK_BITS;
	return tpm_public_to_pkey(&public, ret, err);
}

int tpm12_make_ek(const struct tpm_executor *executor, EVP_PKEY **ret, struct error *err)
{
	static const char what[] = "TPM_CreateEndorsementKeyPair";
	struct tpm_command command;
	struct tpm_answer answer;
	uint8_t nonce[20];
	int r;

	if (RAND_bytes(nonce, sizeof(nonce)) != 1)
		return openssl_error(err, EIO, "%s", what);
	begin(&command, TPM12_ORD_CreateEndorsementKeyPair);
	tpm_put_bytes(&command, nonce, sizeof(nonce));
	put_key_parms(&command);
	r = tpm_exchange(executor, &command, what, &answer, err);
	if (r == 0 && ret != NULL)
		r = tpm12_parse_pubkey(answer.body.p, answer.body.left, ret, err);
	return r;
}

/* TPM_PCR_INFO_SHORT that asks for no PCR. */
static void put_no_pcrs(struct tpm_command *command)
{
	static const uint8_t zeros[20];

	tpm_put_u16(command, 3);
	tpm_put_bytes(command, zeros, 3);
	tpm_put_u8(command, ALL_LOCALITIES);
	tpm_put_bytes(command, zeros, sizeof(zeros));
}

static int define(const struct tpm_executor *executor, uint32_t index, uint32_t permissions,
		  size_t len, struct error *err)
{
	static const uint8_t empty_auth[20];
	struct tpm_command command;

	begin(&command, TPM12_ORD_NV_DefineSpace);
	tpm_put_u16(&command, TAG_NV_DATA_PUBLIC);
	tpm_put_u32(&command, index);
	put_no_pcrs(&command); /* to read */
	put_no_pcrs(&command); /* to write */
	tpm_put_u16(&command, TAG_NV_ATTRIBUTES);
	tpm_put_u32(&command, permissions);
	tpm_put_u8(&command, 0); /* bReadSTClear, bWriteSTClear, bWriteDefine */
	tpm_put_u8(&command, 0);
	tpm_put_u8(&command, 0);
	tpm_put_u32(&command, (uint32_t)len);
	tpm_put_bytes(&command, empty_auth, sizeof(empty_auth));
	return tpm_exchange(executor, &command, "TPM_NV_DefineSpace", NULL, err);
}

static void put_certificate_header(struct tpm_command *command, size_t len)
{
	tpm_put_u16(command, TAG_PCCLIENT_STORED_CERT);
	tpm_put_u8(command, PCCLIENT_FULL_CERT_TYPE);
	tpm_put_u16(command, (uint16_t)(len + 2)); /* with the tag that follows */
	tpm_put_u16(command, TAG_PCCLIENT_FULL_CERT);
}

int tpm12_write_certificate(const struct tpm_executor *executor, uint32_t index, const uint8_t *der,
			    size_t len, struct error *err)
{
	struct tpm_command command;
	int r;

	r = define(executor, index, NV_PER_OWNERREAD_OWNERWRITE, STORED_CERT_HEADER + len, err);
	if (r < 0)
		return error_prefix(err, r, "NV index 0x%08x", index);
	begin(&command, TPM12_ORD_NV_WriteValue);
	tpm_put_u32(&command, index);
	tpm_put_u32(&command, 0); /* offset */
	tpm_put_u32(&command, (uint32_t)(STORED_CERT_HEADER + len));
	put_certificate_header(&command, len);
	tpm_put_bytes(&command, der, len);
	r = tpm_exchange(executor, &command, "TPM_NV_WriteValue", NULL, err);
	return r < 0 ? error_prefix(err, r, "NV index 0x%08x", index) : 0;
}

bool tpm12_has_index(const struct tpm_executor *executor, uint32_t index)
{
	struct tpm_reader answer;

	return get_capability(executor, CAP_NV_INDEX, index, &answer, NULL) == 0;
}

int tpm12_lock_nv(const struct tpm_executor *executor, struct error *err)
{
	return define(executor, NV_INDEX_LOCK, 0, 0, err);
}
