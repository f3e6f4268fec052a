/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Spaces and the exclusive user driven by arbitrary commands against a real TPM. Every object made
 * here carries the number of the user it was made for in its public area; nobody may ever read
 * another's number, no space list more sessions than are its own, or leave anything in the TPM when
 * it is closed.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/common/commands.h"
#include "tests/unit/memory_storage.h"
#include "tpm/space/resmgr.h"
#include "tpm/space/space.h"
#include "tpm/tcg.h"
#include "tpm/tpm.h"
#include "util/bytes.h"
#include "util/cleanup.h"

#define SPACES 3
#define USERS (SPACES + 1) /* the last is the exclusive one, who has no space */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the input still has to say; zeros when it is used up. */
struct input {
	const uint8_t *p;
	size_t left;
};

static struct memory_storage memory;
static struct tpm *tpm;

static uint8_t next(struct input *input)
{
	if (input->left == 0)
		return 0;
	input->left--;
	return *input->p++;
}

static int execute(void *context, const uint8_t *command, size_t len, const uint8_t **response,
		   size_t *response_len)
{
	uint8_t copy[TPM_COMMAND_MAX];

	(void)context;
	memcpy(copy, command, len);
	return tpm_execute(tpm, copy, len, response, response_len);
}

static const struct tpm_executor executor = { .execute = execute };

static uint32_t some_handle(struct input *input)
{
	static const uint32_t bases[] = { 0x80ffffff, 0x80000000, 0x02000000, 0x03000000 };
	uint8_t choice = next(input);

	if (choice % 5 == 4)
		return (uint32_t)next(input) << 24 | next(input);
	return choice % 5 == 0 ? bases[0] - (choice / 5) % 5 : bases[choice % 5] + (choice / 5) % 5;
}

/* Commands of which none makes a context that outlives its space. */
static void some_command(struct input *input, uint8_t space, struct tpm_command *command)
{
	uint8_t tag[32] = { 's', 'p', 'a', 'c', 'e', space };
	size_t len;

	switch (next(input) % 8) {
	case 0:
	case 1:
		command_load_tagged(command, tag, sizeof(tag));
		break;
	case 2:
		command_start_session(command, next(input) % 2);
		break;
	case 3:
		command_with_handle(command, TPM2_CC_ReadPublic, some_handle(input));
		break;
	case 4:
		command_with_handle(command, TPM2_CC_FlushContext, some_handle(input));
		break;
	case 5:
		command_unseal(command, some_handle(input), some_handle(input), next(input) % 2);
		break;
	case 6:
		if (next(input) % 2)
			command_list_handles(command, some_handle(input), next(input));
		else
			command_audit_handles(command, some_handle(input), some_handle(input),
					      next(input));
		break;
	default:
		command_get_random(command, 4);
		len = next(input) % 40;
		for (size_t i = 0; i < len; i++)
			tpm_put_u8(command, next(input));
		if (len > 0) /* any code, but for the few that the check cannot follow */
			command->bytes[9] = next(input);
		(void)tpm_command_end(command);
		break;
	}
}

static int is_allowed(const struct tpm_command *command)
{
	switch (get_be32(command->bytes + 6)) {
	case TPM2_CC_ContextSave:
	case TPM2_CC_ContextLoad:
	case TPM2_CC_Shutdown:
		return 0;
	default:
		return 1;
	}
}

/* An object's public area must be the asker's. */
static void check_owner(const uint8_t *response, size_t len, uint8_t space)
{
	static const uint8_t mark[] = { 's', 'p', 'a', 'c', 'e' };

	for (size_t i = 0; i + sizeof(mark) < len; i++) {
		if (memcmp(response + i, mark, sizeof(mark)) == 0 &&
		    response[i + sizeof(mark)] != space)
			abort();
	}
}

static void check_empty(uint32_t first)
{
	uint32_t handles[64];
	size_t count;

	if (context_read_handles(&executor, first, handles, 64, &count) < 0 || count != 0)
		abort();
}

/* Each active session is listed to one space at the most. */
static void check_sessions(struct resmgr *resmgr, struct space *const *spaces)
{
	uint32_t seen[64] = { 0 };

	for (int i = 0; i < SPACES; i++) {
		struct tpm_command command;
		const uint8_t *response;
		size_t len;

		command_list_handles(&command, 0x02000000, 64);
		if (resmgr_execute(resmgr, spaces[i], command.bytes, command.len, &response, &len) <
		    0)
			abort();
		for (uint32_t n = 0; n < get_be32(response + 15); n++) {
			uint32_t index = get_be32(response + 19 + 4 * n) & 0x00ffffff;

			if (index >= 64 || seen[index]++ > 0)
				abort();
		}
	}
}

/* What the exclusive user has left is there, and is flushed by its number. */
static void clear_exclusive(struct resmgr *resmgr, uint32_t first)
{
	struct tpm_command command;
	const uint8_t *response;
	uint32_t handles[64];
	size_t count, len;

	if (resmgr_evict_all(resmgr) < 0 ||
	    context_read_handles(&executor, first, handles, 64, &count) < 0)
		abort();
	for (size_t i = 0; i < count; i++) {
		if (handle_type(first) == TPM2_HT_TRANSIENT) {
			command_with_handle(&command, TPM2_CC_ReadPublic, handles[i]);
			if (resmgr_execute(resmgr, NULL, command.bytes, command.len, &response,
					   &len) < 0)
				abort();
			check_owner(response, len, SPACES);
		}
		command_with_handle(&command, TPM2_CC_FlushContext, handles[i]);
		if (resmgr_execute(resmgr, NULL, command.bytes, command.len, &response, &len) < 0 ||
		    get_be32(response + 6) != TPM2_RC_SUCCESS)
			abort();
	}
}

static int start(void)
{
	struct tpm_storage storage = memory_storage(&memory);

	if (tpm != NULL)
		return 0;
	return tpm_start(TPM_VERSION_2, &storage, &tpm, NULL) < 0 || tpm_startup(tpm, NULL) < 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_with(resmgr_freep) struct resmgr *resmgr = NULL;
	struct input input = { data, size };
	struct space *spaces[USERS] = { NULL };

	if (start() != 0 || resmgr_new(&executor, &resmgr, NULL) < 0)
		abort();
	for (int i = 0; i < SPACES; i++) {
		if (resmgr_open(resmgr, &spaces[i]) < 0)
			abort();
	}
	for (int n = 0; n < 200 && input.left > 0; n++) {
		uint8_t space = next(&input) % USERS;
		struct tpm_command command;
		const uint8_t *response;
		size_t len;

		some_command(&input, space, &command);
		if (is_allowed(&command) && resmgr_execute(resmgr, spaces[space], command.bytes,
							   command.len, &response, &len) == 0)
			check_owner(response, len, space);
	}
	check_sessions(resmgr, spaces);
	clear_exclusive(resmgr, 0x80000000);
	clear_exclusive(resmgr, 0x02000000);
	for (int i = 0; i < SPACES; i++)
		resmgr_close(resmgr, spaces[i]);
	check_empty(0x80000000);
	check_empty(0x02000000);
	check_empty(0x03000000);
	return 0;
}
