/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/conceal.h"

#include <string.h>

#include "tpm/names.h"
#include "tpm/tcg.h"

/* What follows the parameters of a TPM 1.2 command and response for each session. */
#define AUTH_12_COMMAND 45
#define AUTH_12_RESPONSE 41

static void wipe_rest(const struct tpm_reader *reader)
{
	memset((uint8_t *)(uintptr_t)reader->p, 0, reader->left);
}

/* Behind a session's handle: its nonce and attributes stay, its HMAC or password does not. */
static void wipe_session(struct tpm_reader *area)
{
	const uint8_t *secret;
	size_t len;

	(void)tpm_get_sized(area, &len);
	(void)tpm_get_u8(area);
	secret = tpm_get_sized(area, &len);
	if (secret != NULL)
		memset((uint8_t *)(uintptr_t)secret, 0, len);
}

/* An area that does not parse is wiped from where it ceases to. */
static void wipe_sessions(struct tpm_reader *area, bool have_handles)
{
	while (area->left > 0) {
		struct tpm_reader rest = *area;

		if (have_handles)
			(void)tpm_get_u32(area);
		wipe_session(area);
		if (area->truncated) {
			wipe_rest(&rest);
			return;
		}
	}
}

/* Takes LEN bytes out of READER, or all that is left of it. */
static struct tpm_reader split(struct tpm_reader *reader, size_t len)
{
	struct tpm_reader part = { .p = reader->p,
				   .left = len < reader->left ? len : reader->left };

	(void)tpm_get_bytes(reader, part.left);
	return part;
}

/* What begins behind the header; of less than a header nothing is left. */
static bool begin(uint8_t *bytes, size_t len, struct tpm_reader *reader, uint16_t *tag,
		  uint32_t *code)
{
	*reader = (struct tpm_reader){ bytes, len, false };
	*tag = tpm_get_u16(reader);
	(void)tpm_get_u32(reader);
	*code = tpm_get_u32(reader);
	if (reader->truncated)
		memset(bytes, 0, len);
	return !reader->truncated;
}

static void keep_handles(struct tpm_reader *reader, size_t count)
{
	(void)split(reader, 4 * count);
}

static void conceal_command_2(struct tpm_reader *reader, uint16_t tag,
			      const struct tpm_command_name *name)
{
	struct tpm_reader area;

	keep_handles(reader, name->handles);
	if (tag == TPM2_ST_SESSIONS) {
		uint32_t size = tpm_get_u32(reader);

		area = split(reader, size);
		wipe_sessions(&area, true);
	}
	if (!name->shows_parameters)
		wipe_rest(reader);
}

/* The parameters come first, and the sizes tell where the sessions begin. */
static void conceal_response_2(struct tpm_reader *reader, uint16_t tag,
			       const struct tpm_command_name *name)
{
	struct tpm_reader parameters = *reader;

	if (tag == TPM2_ST_SESSIONS) {
		uint32_t size = tpm_get_u32(reader);

		parameters = split(reader, size);
		wipe_sessions(reader, false);
	}
	if (!name->shows_response)
		wipe_rest(&parameters);
}

static size_t auths_12(uint16_t tag, uint16_t none)
{
	return tag > none && tag <= none + 2 ? (size_t)(tag - none) : 0;
}

static void conceal_12(struct tpm_reader *reader, size_t auth_len, bool shown)
{
	if (auth_len > reader->left)
		auth_len = reader->left;
	if (shown)
		(void)split(reader, reader->left - auth_len);
	wipe_rest(reader);
}

void tpm_conceal_command(enum tpm_version version, uint8_t *bytes, size_t len)
{
	const struct tpm_command_name *name;
	struct tpm_reader reader;
	uint32_t code;
	uint16_t tag;

	if (!begin(bytes, len, &reader, &tag, &code))
		return;
	name = tpm_command_name(version, code);
	if (name == NULL) {
		wipe_rest(&reader);
		return;
	}
	if (version == TPM_VERSION_2) {
		conceal_command_2(&reader, tag, name);
		return;
	}
	keep_handles(&reader, name->handles);
	conceal_12(&reader, AUTH_12_COMMAND * auths_12(tag, TPM12_TAG_RQU_COMMAND),
		   name->shows_parameters);
}

void tpm_conceal_response(enum tpm_version version, uint32_t code, uint8_t *bytes, size_t len)
{
	const struct tpm_command_name *name = tpm_command_name(version, code);
	struct tpm_reader reader;
	uint32_t result;
	uint16_t tag;

	if (!begin(bytes, len, &reader, &tag, &result))
		return;
	if (name == NULL || result != TPM2_RC_SUCCESS) {
		wipe_rest(&reader);
		return;
	}
	keep_handles(&reader, name->returns_handle);
	if (version == TPM_VERSION_2)
		conceal_response_2(&reader, tag, name);
	else
		conceal_12(&reader, AUTH_12_RESPONSE * auths_12(tag, TPM12_TAG_RSP_COMMAND),
			   name->shows_response);
}
