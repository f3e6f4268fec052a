/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/fuzz/mutate.h"

#include <string.h>

#include "tests/common/commands.h"
#include "tpm/tcg.h"
#include "util/bytes.h"

#define CC_POLICY_GET_DIGEST 0x00000189

/* A field of two bytes of length and so many bytes. */
struct field {
	size_t place, len;
};

size_t chance_below(struct chance *chance, size_t below)
{
	chance->state = chance->state * 6364136223846793005 + 1442695040888963407;
	return below == 0 ? 0 : (size_t)((chance->state >> 33) % below);
}

/* As the resource manager, the TPM and its user would give them; at times any other. */
static uint32_t some_handle(struct chance *chance)
{
	static const uint32_t fixed[] = { TPM2_RH_OWNER,
					  TPM2_RH_NULL,
					  0x4000000a /* lockout */,
					  0x4000000b /* endorsement */,
					  0x4000000c /* platform */,
					  0x40000009 /* password */,
					  0x01800001 /* NV */,
					  0x01c00002 /* NV */,
					  0x81000001 /* persistent */ };
	uint32_t n = (uint32_t)chance_below(chance, 5);

	switch (chance_below(chance, 8)) {
	case 0:
	case 1:
	case 2:
	case 3:
		return 0x80000000 + n;
	case 4:
		return 0x02000000 + n;
	case 5:
		return 0x03000000 + n;
	case 6:
		return fixed[chance_below(chance, sizeof(fixed) / sizeof(fixed[0]))];
	default:
		return (uint32_t)chance_below(chance, 24); /* PCRs */
	}
}

static void make_with_handle(struct tpm_command *command, struct chance *chance)
{
	static const uint32_t codes[] = { TPM2_CC_ReadPublic,   TPM2_CC_FlushContext,
					  TPM2_CC_ContextSave,  TPM2_CC_FlushContext,
					  CC_POLICY_GET_DIGEST, TPM2_CC_NV_ReadPublic };

	command_with_handle(command, codes[chance_below(chance, sizeof(codes) / sizeof(codes[0]))],
			    some_handle(chance));
}

/* The one byte says which of the contexts that were saved before is meant. */
static void make_context_load(struct tpm_command *command, struct chance *chance)
{
	tpm_command_begin(command, TPM2_ST_NO_SESSIONS, TPM2_CC_ContextLoad);
	tpm_put_u8(command, (uint8_t)chance_below(chance, 4));
	(void)tpm_command_end(command);
}

void mutate_make(struct tpm_command *command, struct chance *chance)
{
	uint8_t tag[32] = "space?";

	tag[8] = (uint8_t)chance_below(chance, 256);
	switch (chance_below(chance, 13)) {
	case 0:
	case 1:
		command_load_tagged(command, tag, sizeof(tag));
		break;
	case 2:
	case 3:
		command_start_session(command, (uint8_t)chance_below(chance, 2));
		break;
	case 4:
		make_context_load(command, chance);
		break;
	case 5:
		command_list_handles(command, some_handle(chance),
				     (uint32_t)chance_below(chance, 70));
		break;
	case 9:
		command_audit_handles(command, some_handle(chance), some_handle(chance),
				      (uint32_t)chance_below(chance, 70));
		break;
	case 6:
		command_create_primary_ecc(command, TPM2_RH_OWNER);
		break;
	case 7:
		command_unseal(command, some_handle(chance), some_handle(chance),
			       (int)chance_below(chance, 2));
		break;
	case 8:
		command_seal(command, some_handle(chance), tag, sizeof(tag));
		break;
	default:
		make_with_handle(command, chance);
		break;
	}
}

/* Puts the BYTES in the place of LEN others. */
static void replace(struct tpm_command *command, size_t place, size_t len, const uint8_t *bytes,
		    size_t new_len)
{
	if (new_len > len && command->len + (new_len - len) > sizeof(command->bytes))
		return;
	memmove(command->bytes + place + new_len, command->bytes + place + len,
		command->len - place - len);
	memcpy(command->bytes + place, bytes, new_len);
	command->len += new_len - len;
}

static void change_handle(struct tpm_command *command, const struct command_layout *layout,
			  struct chance *chance)
{
	size_t place = TPM_HEADER_SIZE + 4 * chance_below(chance, layout->handle_count);

	put_be32(command->bytes + place, some_handle(chance));
}

/* Another authorization area in the place of the one that is there, or of none. */
static void change_sessions(struct tpm_command *command, const struct command_layout *layout,
			    struct chance *chance)
{
	size_t place = TPM_HEADER_SIZE + 4 * layout->handle_count;
	size_t count = chance_below(chance, LAYOUT_SESSIONS_MAX + 1);
	struct tpm_command area;

	tpm_command_begin(&area, 0, 0);
	area.len = count == 0 ? 0 : 4;
	for (size_t i = 0; i < count; i++) {
		bool is_password = chance_below(chance, 2) == 0;

		tpm_put_u32(&area, is_password ? 0x40000009 : some_handle(chance));
		tpm_put_u16(&area, 0);
		tpm_put_u8(&area, is_password ? 0 : (uint8_t)chance_below(chance, 256));
		tpm_put_u16(&area, 0);
	}
	if (count > 0)
		put_be32(area.bytes, (uint32_t)area.len - 4);
	put_be16(command->bytes, count > 0 ? TPM2_ST_SESSIONS : TPM2_ST_NO_SESSIONS);
	replace(command, place, layout->parameters - place, area.bytes, area.len);
}

/* What looks like a field with its length: false when nothing does. */
static bool find_field(const struct tpm_command *command, size_t from, struct chance *chance,
		       struct field *field)
{
	for (int i = 0; i < 16 && command->len >= from + 2; i++) {
		field->place = from + chance_below(chance, command->len - from - 1);
		field->len = get_be16(command->bytes + field->place);
		if (field->len <= command->len - field->place - 2)
			return true;
	}
	return false;
}

/* What seems to be around the field becomes longer or shorter with it. */
static void mend_sizes(struct tpm_command *command, size_t from, const struct field *field,
		       size_t new_len)
{
	for (size_t place = from; place + 2 <= field->place; place++) {
		size_t len = get_be16(command->bytes + place);

		if (place + 2 + len >= field->place + 2 + field->len &&
		    place + 2 + len <= command->len)
			put_be16(command->bytes + place, (uint16_t)(len + new_len - field->len));
	}
	put_be16(command->bytes + field->place, (uint16_t)new_len);
}

static void change_field(struct tpm_command *command, size_t from, struct chance *chance)
{
	uint8_t bytes[1024];
	struct field field;
	size_t len, most;

	if (!find_field(command, from, chance, &field) || field.len > sizeof(bytes))
		return;
	/* Mostly of the same length: digests, names, templates. */
	most = chance_below(chance, 3) == 0 ? sizeof(bytes) : field.len;
	memcpy(bytes, command->bytes + field.place + 2, field.len);
	len = LLVMFuzzerMutate(bytes, field.len, most);
	if (most == field.len)
		len = field.len;
	if (command->len + len - field.len > sizeof(command->bytes))
		return;
	mend_sizes(command, from, &field, len);
	replace(command, field.place + 2, field.len, bytes, len);
}

/* Any bytes from FROM on. */
static void change_bytes(struct tpm_command *command, size_t from)
{
	command->len = from + LLVMFuzzerMutate(command->bytes + from, command->len - from,
					       sizeof(command->bytes) - from);
}

static void change_code(struct tpm_command *command, const struct command_table *table,
			struct chance *chance)
{
	if (table->count > 0) /* TPMA_CC: the lower half is the command's number */
		put_be32(command->bytes + 6,
			 table->attributes[chance_below(chance, table->count)] & 0xffff);
}

static void change(struct tpm_command *command, const struct command_table *table,
		   const struct command_layout *layout, struct chance *chance)
{
	size_t what = chance_below(chance, 16);

	if (what < 6 && layout->handle_count > 0)
		change_handle(command, layout, chance);
	else if (what < 8)
		change_sessions(command, layout, chance);
	else if (what < 9)
		change_code(command, table, chance);
	else if (what < 11)
		change_bytes(command, layout->parameters);
	else
		change_field(command, layout->parameters, chance);
}

void mutate_command(struct tpm_command *command, const struct command_table *table,
		    struct chance *chance)
{
	struct command_layout layout;

	command->overflow = false;
	if (command_layout_parse(table, command->bytes, command->len, &layout) == 0 &&
	    !layout.malformed)
		change(command, table, &layout, chance);
	else
		change_bytes(command, chance_below(chance, 2) == 0 ? 6 : TPM_HEADER_SIZE);
	if (command->len < TPM_HEADER_SIZE)
		command->len = TPM_HEADER_SIZE;
	put_be32(command->bytes + 2, (uint32_t)command->len);
}
