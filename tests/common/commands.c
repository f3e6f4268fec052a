/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/common/commands.h"

#include <assert.h>
#include <string.h>

#include "tpm/tcg.h"

#define CC_UNSEAL 0x0000015e
#define CC_SIGN 0x0000015d
#define CC_HASH_SEQUENCE_START 0x00000186
#define CC_SEQUENCE_UPDATE 0x0000015c
#define CC_SEQUENCE_COMPLETE 0x0000013e
#define ST_HASHCHECK 0x8024

static void end(struct tpm_command *command)
{
	int r = tpm_command_end(command);

	assert(r == 0);
	(void)r;
}

void command_get_random(struct tpm_command *command, uint16_t len)
{
	tpm_command_begin(command, TPM2_ST_NO_SESSIONS, TPM2_CC_GetRandom);
	tpm_put_u16(command, len);
	end(command);
}

void command_with_handle(struct tpm_command *command, uint32_t code, uint32_t handle)
{
	tpm_command_begin(command, TPM2_ST_NO_SESSIONS, code);
	tpm_put_u32(command, handle);
	end(command);
}

static void create_primary(struct tpm_command *command, uint32_t hierarchy, const uint8_t *template,
			   size_t len)
{
	tpm_command_begin(command, TPM2_ST_SESSIONS, TPM2_CC_CreatePrimary);
	tpm_put_u32(command, hierarchy);
	tpm_put_empty_auth(command);
	tpm_put_sized(command, "\0\0\0\0", 4);
	tpm_put_sized(command, template, len);
	tpm_put_u16(command, 0);
	tpm_put_u32(command, 0);
	end(command);
}

void command_create_primary_ecc(struct tpm_command *command, uint32_t hierarchy)
{
	static const uint8_t template[] = { 0x00, 0x23, 0x00, 0x0b, 0x00, 0x03, 0x04, 0x72, 0x00,
					    0x00, 0x00, 0x06, 0x00, 0x80, 0x00, 0x43, 0x00, 0x10,
					    0x00, 0x03, 0x00, 0x10, 0x00, 0x00, 0x00, 0x00 };

	create_primary(command, hierarchy, template, sizeof(template));
}

void command_create_primary_signer(struct tpm_command *command, uint32_t hierarchy)
{
	static const uint8_t template[] = { 0x00, 0x23, 0x00, 0x0b, 0x00, 0x04, 0x04, 0x72,
					    0x00, 0x00, 0x00, 0x10, 0x00, 0x18, 0x00, 0x0b,
					    0x00, 0x03, 0x00, 0x10, 0x00, 0x00, 0x00, 0x00 };

	create_primary(command, hierarchy, template, sizeof(template));
}

void command_create_primary_rsa(struct tpm_command *command, uint32_t hierarchy)
{
	/* The last four bytes are the "unique" field: primes are derived from the whole template.
	 */
	uint8_t template[] = { 0x00, 0x01, 0x00, 0x0b, 0x00, 0x03, 0x04, 0x72, 0x00, 0x00,
			       0x00, 0x06, 0x00, 0x80, 0x00, 0x43, 0x00, 0x10, 0x08, 0x00,
			       0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x00 };
	static uint8_t count;

	template[sizeof(template) - 1] = count++;
	create_primary(command, hierarchy, template, sizeof(template));
}

void command_load_tagged(struct tpm_command *command, const void *tag, size_t len)
{
	struct tpm_command public;

	/* TPMT_PUBLIC of a keyed hash without a sensitive part: its "unique" is a digest's size. */
	tpm_command_begin(&public, 0, 0);
	public.len = 0;
	tpm_put_u16(&public, 0x0008);
	tpm_put_u16(&public, 0x000b);
	tpm_put_u32(&public, 0x00000440); /* userWithAuth, noDA */
	tpm_put_u16(&public, 0);
	tpm_put_u16(&public, TPM2_ALG_NULL);
	tpm_put_sized(&public, tag, len);

	tpm_command_begin(command, TPM2_ST_NO_SESSIONS, TPM2_CC_LoadExternal);
	tpm_put_u16(command, 0);
	tpm_put_sized(command, public.bytes, public.len);
	tpm_put_u32(command, TPM2_RH_NULL);
	end(command);
}

void command_start_session(struct tpm_command *command, uint8_t type)
{
	static const uint8_t nonce[16];

	tpm_command_begin(command, TPM2_ST_NO_SESSIONS, TPM2_CC_StartAuthSession);
	tpm_put_u32(command, TPM2_RH_NULL);
	tpm_put_u32(command, TPM2_RH_NULL);
	tpm_put_sized(command, nonce, sizeof(nonce));
	tpm_put_u16(command, 0);
	tpm_put_u8(command, type);
	tpm_put_u16(command, TPM2_ALG_NULL);
	tpm_put_u16(command, TPM2_ALG_SHA256);
	end(command);
}

void command_list_handles(struct tpm_command *command, uint32_t first, uint32_t most)
{
	tpm_command_begin(command, TPM2_ST_NO_SESSIONS, TPM2_CC_GetCapability);
	tpm_put_u32(command, TPM2_CAP_HANDLES);
	tpm_put_u32(command, first);
	tpm_put_u32(command, most);
	end(command);
}

void command_audit_handles(struct tpm_command *command, uint32_t session, uint32_t first,
			   uint32_t most)
{
	tpm_command_begin(command, TPM2_ST_SESSIONS, TPM2_CC_GetCapability);
	tpm_put_u32(command, 9);
	tpm_put_u32(command, session);
	tpm_put_u16(command, 0);
	tpm_put_u8(command, 0x81); /* audit, continueSession */
	tpm_put_u16(command, 0);   /* without a key there is no HMAC */
	tpm_put_u32(command, TPM2_CAP_HANDLES);
	tpm_put_u32(command, first);
	tpm_put_u32(command, most);
	end(command);
}

void command_hash_start(struct tpm_command *command)
{
	tpm_command_begin(command, TPM2_ST_NO_SESSIONS, CC_HASH_SEQUENCE_START);
	tpm_put_u16(command, 0);
	tpm_put_u16(command, TPM2_ALG_SHA256);
	end(command);
}

static void begin_sequence(struct tpm_command *command, uint32_t code, uint32_t sequence,
			   const void *data, size_t len)
{
	tpm_command_begin(command, TPM2_ST_SESSIONS, code);
	tpm_put_u32(command, sequence);
	tpm_put_empty_auth(command);
	tpm_put_sized(command, data, len);
}

void command_hash_update(struct tpm_command *command, uint32_t sequence, const void *data,
			 size_t len)
{
	begin_sequence(command, CC_SEQUENCE_UPDATE, sequence, data, len);
	end(command);
}

void command_hash_complete(struct tpm_command *command, uint32_t sequence, const void *data,
			   size_t len)
{
	begin_sequence(command, CC_SEQUENCE_COMPLETE, sequence, data, len);
	tpm_put_u32(command, TPM2_RH_NULL);
	end(command);
}

void command_seal(struct tpm_command *command, uint32_t parent, const void *data, size_t len)
{
	/* A keyed hash with the policy of 32 zeros, userWithAuth off: only a policy unseals it. */
	static const uint8_t template[14 + 32] = {
		0x00, 0x08, 0x00, 0x0b,        0x00, 0x00, 0x04,
		0x12, 0x00, 0x20, [42] = 0x00, 0x10, 0x00, 0x00,
	};
	struct tpm_command sensitive;

	tpm_command_begin(&sensitive, 0, 0);
	sensitive.len = 0;
	tpm_put_u16(&sensitive, 0);
	tpm_put_sized(&sensitive, data, len);

	tpm_command_begin(command, TPM2_ST_SESSIONS, TPM2_CC_Create);
	tpm_put_u32(command, parent);
	tpm_put_empty_auth(command);
	tpm_put_sized(command, sensitive.bytes, sensitive.len);
	tpm_put_sized(command, template, sizeof(template));
	tpm_put_u16(command, 0);
	tpm_put_u32(command, 0);
	end(command);
}

void command_load(struct tpm_command *command, uint32_t parent, const uint8_t *private_and_public,
		  size_t len)
{
	tpm_command_begin(command, TPM2_ST_SESSIONS, TPM2_CC_Load);
	tpm_put_u32(command, parent);
	tpm_put_empty_auth(command);
	tpm_put_bytes(command, private_and_public, len);
	end(command);
}

void command_unseal(struct tpm_command *command, uint32_t item, uint32_t session, int goes_on)
{
	tpm_command_begin(command, TPM2_ST_SESSIONS, CC_UNSEAL);
	tpm_put_u32(command, item);
	tpm_put_u32(command, 9);
	tpm_put_u32(command, session);
	tpm_put_u16(command, 0);
	tpm_put_u8(command, goes_on != 0);
	tpm_put_u16(command, 0);
	end(command);
}

void command_sign(struct tpm_command *command, uint32_t key, const uint8_t digest[static 32])
{
	tpm_command_begin(command, TPM2_ST_SESSIONS, CC_SIGN);
	tpm_put_u32(command, key);
	tpm_put_empty_auth(command);
	tpm_put_sized(command, digest, 32);
	tpm_put_u16(command, TPM2_ALG_NULL); /* the key's own scheme */
	tpm_put_u16(command, ST_HASHCHECK);
	tpm_put_u32(command, TPM2_RH_NULL);
	tpm_put_u16(command, 0);
	end(command);
}
