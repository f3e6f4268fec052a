/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where a TPM 2.0 command has its handles and sessions, by the TPM's own list of commands. Pure.
 * TPM 2.0 Library Part 1, 18; TPMA_CC is Part 2, 8.9.
 */
#ifndef VTPM_TPM_COMMAND_LAYOUT_H
#define VTPM_TPM_COMMAND_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* More than libtpms has; a TPM with more commands is refused. */
#define COMMAND_TABLE_MAX 256

/* Part 1, 18.6.2: a command has at most three sessions. TPMA_CC has room for seven handles. */
#define LAYOUT_SESSIONS_MAX 3
#define LAYOUT_HANDLES_MAX 7

/* What the TPM implements: the answer to TPM2_GetCapability(TPM_CAP_COMMANDS). */
struct command_table {
	uint32_t attributes[COMMAND_TABLE_MAX]; /* TPMA_CC */
	size_t count;
};

struct command_layout {
	uint32_t code;
	uint32_t attributes; /* TPMA_CC */
	size_t handle_count; /* at TPM_HEADER_SIZE, four bytes each */
	size_t session_count;
	struct {
		uint32_t handle;
		bool continues; /* it is there after the command */
	} sessions[LAYOUT_SESSIONS_MAX];
	bool malformed;    /* the authorization area does not parse: the sessions are not known */
	size_t parameters; /* offset of the parameter area; 0 when malformed */
};

/* Does the response begin with a handle? May the command flush objects besides the one it names? */
bool layout_returns_handle(const struct command_layout *layout);
bool layout_may_flush(const struct command_layout *layout);

/* -EOPNOTSUPP: no such command; -EINVAL: shorter than its handles. COMMAND has a true header. */
int command_layout_parse(const struct command_table *table, const uint8_t *command, size_t len,
			 struct command_layout *ret);

#endif
