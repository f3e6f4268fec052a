/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/command_layout.h"

#include <errno.h>

#include "tpm/command.h"
#include "tpm/tcg.h"

/* TPMA_CC. */
#define CC_INDEX 0x0000ffff
#define CC_EXTENSIVE 0x00800000
#define CC_FLUSHED 0x01000000
#define CC_HANDLES_SHIFT 25
#define CC_HANDLES_MASK 7
#define CC_RHANDLE 0x10000000
#define CC_VENDOR 0x20000000

/* TPMA_SESSION, Part 2, 8.4. */
#define SESSION_CONTINUE 0x01

bool layout_returns_handle(const struct command_layout *layout)
{
	return (layout->attributes & CC_RHANDLE) != 0;
}

bool layout_may_flush(const struct command_layout *layout)
{
	return (layout->attributes & (CC_FLUSHED | CC_EXTENSIVE)) != 0;
}

static int find(const struct command_table *table, struct command_layout *layout)
{
	for (size_t i = 0; i < table->count; i++) {
		uint32_t attributes = table->attributes[i];

		if ((attributes & (CC_INDEX | CC_VENDOR)) != layout->code)
			continue;
		layout->attributes = attributes;
		layout->handle_count = attributes >> CC_HANDLES_SHIFT & CC_HANDLES_MASK;
		/* The handle to flush is a parameter by the letter, and a handle all the same. */
		if (layout->code == TPM2_CC_FlushContext)
			layout->handle_count = 1;
		return 0;
	}
	return -EOPNOTSUPP;
}

static void parse_sessions(struct tpm_reader *reader, struct command_layout *layout)
{
	size_t len;
	struct tpm_reader area = { .left = tpm_get_u32(reader) };

	area.p = tpm_get_bytes(reader, area.left);
	if (area.p == NULL) {
		layout->malformed = true;
		return;
	}
	while (area.left > 0 && !area.truncated && layout->session_count < LAYOUT_SESSIONS_MAX) {
		size_t n = layout->session_count++;

		layout->sessions[n].handle = tpm_get_u32(&area);
		(void)tpm_get_sized(&area, &len);
		layout->sessions[n].continues = (tpm_get_u8(&area) & SESSION_CONTINUE) != 0;
		(void)tpm_get_sized(&area, &len);
	}
	layout->malformed = area.truncated || area.left > 0;
}

int command_layout_parse(const struct command_table *table, const uint8_t *command, size_t len,
			 struct command_layout *ret)
{
	struct tpm_reader reader = { command, len, false };
	uint16_t tag;
	int r;

	*ret = (struct command_layout){ 0 };
	tag = tpm_get_u16(&reader);
	(void)tpm_get_u32(&reader);
	ret->code = tpm_get_u32(&reader);
	if (reader.truncated)
		return -EINVAL;
	r = find(table, ret);
	if (r < 0)
		return r;
	if (tpm_get_bytes(&reader, 4 * ret->handle_count) == NULL)
		return -EINVAL;
	if (tag == TPM2_ST_SESSIONS)
		parse_sessions(&reader, ret);
	if (!ret->malformed)
		ret->parameters = len - reader.left;
	return 0;
}
