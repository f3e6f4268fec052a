/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/resmgr_fixture.h"

#include <string.h>

#include "tests/unit/memory_storage.h"
#include "tests/unit/unit.h"
#include "tpm/tpm.h"
#include "util/cleanup.h"

static struct memory_storage memory;
static struct tpm *tpm;
struct resmgr *resmgr;
struct space *alice, *bob;
const uint8_t *response;
size_t response_len;
unsigned int loads, saves, flushes;

static int execute(void *context, const uint8_t *command, size_t len, const uint8_t **answer,
		   size_t *answer_len)
{
	uint8_t copy[TPM_COMMAND_MAX];

	(void)context;
	memcpy(copy, command, len);
	switch (get_be32(command + 6)) {
	case TPM2_CC_ContextLoad:
		loads++;
		break;
	case TPM2_CC_ContextSave:
		saves++;
		break;
	case TPM2_CC_FlushContext:
		flushes++;
		break;
	}
	return tpm_execute(tpm, copy, len, answer, answer_len);
}

static const struct tpm_executor executor = { .execute = execute };

int start(void **state)
{
	struct tpm_storage storage = memory_storage(&memory);

	(void)state;
	if (tpm_start(TPM_VERSION_2, &storage, &tpm, NULL) < 0 || tpm_startup(tpm, NULL) < 0 ||
	    resmgr_new(&executor, &resmgr, NULL) < 0 || resmgr_open(resmgr, &alice) < 0 ||
	    resmgr_open(resmgr, &bob) < 0)
		return -1;
	loads = saves = flushes = 0;
	return 0;
}

int stop(void **state)
{
	(void)state;
	resmgr_free(take_ptr(resmgr));
	tpm_stop(take_ptr(tpm));
	memory_storage_done(&memory);
	return 0;
}

int run(struct space *space, struct tpm_command *command, uint32_t *code)
{
	int r;

	r = resmgr_execute(resmgr, space, command->bytes, command->len, &response, &response_len);
	if (r == 0)
		*code = get_be32(response + 6);
	return r;
}

uint32_t code_of(struct space *space, struct tpm_command *command)
{
	uint32_t code;

	assert_int_equal(run(space, command, &code), 0);
	return code;
}

/* Returns its handle as the space sees it. */
uint32_t make_key(struct space *space)
{
	struct tpm_command command;

	command_create_primary_signer(&command, TPM2_RH_NULL);
	assert_int_equal(code_of(space, &command), 0);
	return get_be32(response + TPM_HEADER_SIZE);
}

int run_handle(struct space *space, uint32_t cc, uint32_t handle, uint32_t *code)
{
	struct tpm_command command;

	command_with_handle(&command, cc, handle);
	return run(space, &command, code);
}

uint32_t with_handle(struct space *space, uint32_t cc, uint32_t handle)
{
	uint32_t code;

	assert_int_equal(run_handle(space, cc, handle, &code), 0);
	return code;
}

uint32_t start_session(struct space *space, uint8_t type)
{
	struct tpm_command command;

	command_start_session(&command, type);
	assert_int_equal(code_of(space, &command), 0);
	return get_be32(response + TPM_HEADER_SIZE);
}

/* TPM2_GetCapability(TPM_CAP_HANDLES): how many, and the first of them. */
uint32_t list(struct space *space, uint32_t first, uint32_t most, uint32_t *handle)
{
	struct tpm_command command;
	uint32_t count;

	command_list_handles(&command, first, most);
	assert_int_equal(code_of(space, &command), 0);
	count = get_be32(response + 15);
	assert_int_equal(response_len, 19 + 4 * count);
	if (handle != NULL)
		*handle = count > 0 ? get_be32(response + 19) : 0;
	return count;
}

/* What the TPM itself has, asked behind the manager's back. */
uint32_t in_tpm(uint32_t first)
{
	uint32_t handles[64];
	size_t count;

	assert_int_equal(context_read_handles(&executor, first, handles, 64, &count), 0);
	return (uint32_t)count;
}

size_t save_context(struct space *space, uint32_t handle, uint8_t *context)
{
	assert_int_equal(with_handle(space, TPM2_CC_ContextSave, handle), 0);
	memcpy(context, response + TPM_HEADER_SIZE, response_len - TPM_HEADER_SIZE);
	return response_len - TPM_HEADER_SIZE;
}

uint32_t load_context(struct space *space, const uint8_t *context, size_t len)
{
	struct tpm_command command;

	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_ContextLoad);
	tpm_put_bytes(&command, context, len);
	assert_int_equal(tpm_command_end(&command), 0);
	return code_of(space, &command);
}
