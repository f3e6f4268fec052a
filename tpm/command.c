/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/command.h"

#include <errno.h>
#include <string.h>

#include "tpm/tcg.h"
#include "util/bytes.h"

int tpm_header_parse(const uint8_t *data, size_t len, struct tpm_header *ret)
{
	if (len < TPM_HEADER_SIZE || get_be32(data + 2) != len)
		return -EMSGSIZE;

	ret->tag = get_be16(data);
	ret->size = get_be32(data + 2);
	ret->code = get_be32(data + 6);
	return 0;
}

/* Room for LEN more bytes, or NULL. */
static uint8_t *grow(struct tpm_command *command, size_t len)
{
	uint8_t *p = command->bytes + command->len;

	if (command->overflow || len > sizeof(command->bytes) - command->len) {
		command->overflow = true;
		return NULL;
	}
	command->len += len;
	return p;
}

void tpm_command_begin(struct tpm_command *command, uint16_t tag, uint32_t code)
{
	command->len = 0;
	command->overflow = false;
	tpm_put_u16(command, tag);
	tpm_put_u32(command, 0);
	tpm_put_u32(command, code);
}

void tpm_put_u8(struct tpm_command *command, uint8_t value)
{
	tpm_put_bytes(command, &value, 1);
}

void tpm_put_u16(struct tpm_command *command, uint16_t value)
{
	uint8_t *p = grow(command, 2);

	if (p != NULL)
		put_be16(p, value);
}

void tpm_put_u32(struct tpm_command *command, uint32_t value)
{
	uint8_t *p = grow(command, 4);

	if (p != NULL)
		put_be32(p, value);
}

void tpm_put_bytes(struct tpm_command *command, const void *data, size_t len)
{
	uint8_t *p = grow(command, len);

	if (p != NULL && len > 0)
		memcpy(p, data, len);
}

void tpm_put_sized(struct tpm_command *command, const void *data, size_t len)
{
	if (len > UINT16_MAX) {
		command->overflow = true;
		return;
	}
	tpm_put_u16(command, (uint16_t)len);
	tpm_put_bytes(command, data, len);
}

void tpm_put_empty_auth(struct tpm_command *command)
{
	tpm_put_u32(command, 9); /* the area's size: handle, nonce, attributes, password */
	tpm_put_u32(command, TPM2_RS_PW);
	tpm_put_u16(command, 0);
	tpm_put_u8(command, 0);
	tpm_put_u16(command, 0);
}

int tpm_command_end(struct tpm_command *command)
{
	if (command->overflow)
		return -EMSGSIZE;
	put_be32(command->bytes + 2, (uint32_t)command->len);
	return 0;
}

const uint8_t *tpm_get_bytes(struct tpm_reader *reader, size_t len)
{
	const uint8_t *p = reader->p;

	if (reader->truncated || len > reader->left) {
		reader->truncated = true;
		return NULL;
	}
	reader->p += len;
	reader->left -= len;
	return p;
}

uint8_t tpm_get_u8(struct tpm_reader *reader)
{
	const uint8_t *p = tpm_get_bytes(reader, 1);

	return p != NULL ? p[0] : 0;
}

uint16_t tpm_get_u16(struct tpm_reader *reader)
{
	const uint8_t *p = tpm_get_bytes(reader, 2);

	return p != NULL ? get_be16(p) : 0;
}

uint32_t tpm_get_u32(struct tpm_reader *reader)
{
	const uint8_t *p = tpm_get_bytes(reader, 4);

	return p != NULL ? get_be32(p) : 0;
}

const uint8_t *tpm_get_sized(struct tpm_reader *reader, size_t *len)
{
	*len = tpm_get_u16(reader);
	return tpm_get_bytes(reader, *len);
}

const char *tpm_version_name(enum tpm_version version)
{
	return version == TPM_VERSION_1_2 ? "1.2" : "2.0";
}

int tpm_version_parse(const char *text, enum tpm_version *ret)
{
	*ret = TPM_VERSION_2;
	if (text == NULL || strcmp(text, "2.0") == 0 || strcmp(text, "2") == 0)
		return 0;
	*ret = TPM_VERSION_1_2;
	return strcmp(text, "1.2") == 0 ? 0 : -EINVAL;
}

struct version_code {
	enum tpm_version version;
	uint32_t code;
};

/*
 * Commands that search for primes or test themselves. Those that write the state are not here: the
 * state tells when it is about to wait for a disk.
 */
static const struct version_code long_commands[] = {
	{ TPM_VERSION_2, TPM2_CC_CreatePrimary },
	{ TPM_VERSION_2, TPM2_CC_Create },
	{ TPM_VERSION_2, TPM2_CC_CreateLoaded },
	{ TPM_VERSION_2, TPM2_CC_SelfTest },
	{ TPM_VERSION_2, TPM2_CC_IncrementalSelfTest },
	{ TPM_VERSION_2, TPM2_CC_Clear },
	{ TPM_VERSION_2, TPM2_CC_ChangeEPS },
	{ TPM_VERSION_2, TPM2_CC_ChangePPS },
	{ TPM_VERSION_1_2, TPM12_ORD_TakeOwnership },
	{ TPM_VERSION_1_2, TPM12_ORD_CreateWrapKey },
	{ TPM_VERSION_1_2, TPM12_ORD_CreateEndorsementKeyPair },
	{ TPM_VERSION_1_2, TPM12_ORD_MakeIdentity },
	{ TPM_VERSION_1_2, TPM12_ORD_SelfTestFull },
	{ TPM_VERSION_1_2, TPM12_ORD_ContinueSelfTest },
};

/* Others change some hundred bytes at most, which is room that is always left. */
static const struct version_code growing_commands[] = {
	{ TPM_VERSION_2, TPM2_CC_NV_DefineSpace },
	{ TPM_VERSION_2, TPM2_CC_EvictControl },
	{ TPM_VERSION_1_2, TPM12_ORD_NV_DefineSpace },
	{ TPM_VERSION_1_2, TPM12_ORD_TakeOwnership },
	{ TPM_VERSION_1_2, TPM12_ORD_CreateEndorsementKeyPair },
	{ TPM_VERSION_1_2, TPM12_ORD_KeyControlOwner },
	{ TPM_VERSION_1_2, TPM12_ORD_Delegate_Manage },
	{ TPM_VERSION_1_2, TPM12_ORD_Delegate_LoadOwnerDelegation },
	{ TPM_VERSION_1_2, TPM12_ORD_CreateCounter },
};

static bool is_among(const struct version_code *list, size_t count, enum tpm_version version,
		     uint32_t code)
{
	for (size_t i = 0; i < count; i++) {
		if (list[i].version == version && list[i].code == code)
			return true;
	}
	return false;
}

bool tpm_command_is_long(enum tpm_version version, uint32_t code)
{
	return is_among(long_commands, sizeof(long_commands) / sizeof(long_commands[0]), version,
			code);
}

bool tpm_command_may_grow(enum tpm_version version, uint32_t code)
{
	return is_among(growing_commands, sizeof(growing_commands) / sizeof(growing_commands[0]),
			version, code);
}
