/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Several clients of one TPM, as a stream of commands. Every object made here carries the number of
 * the client it was made for in its public area; no client may ever read another's number, list
 * more sessions than are its own, or leave anything in the TPM when it is gone. What the exclusive
 * client has left is there, and is flushed by its number.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/common/commands.h"
#include "tests/fuzz/clients.h"
#include "tests/fuzz/mutate.h"
#include "tests/fuzz/stream.h"
#include "tpm/space/context.h"
#include "tpm/tcg.h"
#include "util/bytes.h"

#define CC_EVICT_CONTROL 0x00000120
#define CC_NV_EXTEND 0x00000136
#define CONTEXTS 4

#define TRANSIENT_FIRST 0x80000000
#define LOADED_FIRST 0x02000000
#define SAVED_FIRST 0x03000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len,
				 uint8_t *out, size_t max, unsigned int seed);

static const char mark[] = "space";

/* Commands and their answers are progress to libFuzzer, which sees nothing of libtpms. */
__attribute__((used, section("__libfuzzer_extra_counters"))) static uint8_t answers[1 << 14];

/* What happened to the TPM so far. */
struct past {
	struct tpm_command contexts[CONTEXTS]; /* to load what was saved: the last of them */
	size_t saved;
	bool shares; /* something may be read by others: NV, a persistent object, a context */
};

static struct past past;

static void must(bool condition)
{
	if (!condition)
		abort();
}

/* The command with the client's number in its marks; a context is one that was saved here. */
static void prepare(const struct step *step, struct tpm_command *command)
{
	uint32_t code = get_be32(step->command + 6);

	memcpy(command->bytes, step->command, step->len);
	command->len = step->len;
	if (code == TPM2_CC_ContextLoad && step->len == TPM_HEADER_SIZE + 1 && past.saved > 0)
		*command = past.contexts[step->command[TPM_HEADER_SIZE] %
					 (past.saved < CONTEXTS ? past.saved : CONTEXTS)];
	for (size_t i = TPM_HEADER_SIZE; i + sizeof(mark) <= command->len; i++) {
		if (memcmp(command->bytes + i, mark, sizeof(mark) - 1) == 0)
			command->bytes[i + sizeof(mark) - 1] = step->who & STEP_CLIENT;
	}
}

static void remember_context(const uint8_t *response, size_t len)
{
	struct tpm_command *command = &past.contexts[past.saved++ % CONTEXTS];

	tpm_command_begin(command, TPM2_ST_NO_SESSIONS, TPM2_CC_ContextLoad);
	tpm_put_bytes(command, response + TPM_HEADER_SIZE, len - TPM_HEADER_SIZE);
	must(tpm_command_end(command) == 0);
}

static void remember(uint32_t code, const uint8_t *response, size_t len)
{
	switch (code) {
	case TPM2_CC_ContextSave:
		remember_context(response, len);
		break;
	case TPM2_CC_ContextLoad:
	case TPM2_CC_NV_Write:
	case CC_NV_EXTEND:
	case CC_EVICT_CONTROL:
		past.shares = true;
		break;
	default:
		break;
	}
}

/* An object's public area must be the asker's. */
static void check_owner(const uint8_t *response, size_t len, uint8_t client)
{
	for (size_t i = 0; i + sizeof(mark) <= len && !past.shares; i++) {
		if (memcmp(response + i, mark, sizeof(mark) - 1) == 0)
			must(response[i + sizeof(mark) - 1] == client);
	}
}

/* A client cannot know another context; here random numbers, and so contexts, come again. */
static bool is_known(const struct tpm_command *command)
{
	if (get_be32(command->bytes + 6) != TPM2_CC_ContextLoad)
		return true;
	for (size_t i = 0; i < past.saved && i < CONTEXTS; i++) {
		if (past.contexts[i].len == command->len &&
		    memcmp(past.contexts[i].bytes, command->bytes, command->len) == 0)
			return true;
	}
	return false;
}

static void do_step(struct clients *clients, const struct step *step)
{
	static struct tpm_command command;
	struct step ours = { .who = step->who, .command = command.bytes };
	const uint8_t *response;
	struct tpm_header header;
	size_t len;
	int r;

	prepare(step, &command);
	if (!is_known(&command))
		return;
	ours.len = command.len;
	r = clients_do(clients, &ours, &response, &len);
	must(r == 0 || r == -EINVAL || r == -ENOMEM);
	if (r < 0)
		return;
	must(tpm_header_parse(response, len, &header) == 0);
	if (header.code == TPM2_RC_SUCCESS)
		remember(get_be32(command.bytes + 6), response, len);
	check_owner(response, len, step->who & STEP_CLIENT);
	answers[(get_be32(command.bytes + 6) * 509 + header.code) % sizeof(answers)] = 1;
}

/* Each active session is listed to one client at the most. */
static void check_sessions(struct clients *clients)
{
	uint32_t seen[64] = { 0 };

	for (uint8_t i = 0; i < CLIENT_EXCLUSIVE; i++) {
		struct tpm_command command;
		struct step step = { .who = i, .command = command.bytes };
		const uint8_t *response;
		size_t len;

		command_list_handles(&command, LOADED_FIRST, 64);
		step.len = command.len;
		must(clients_do(clients, &step, &response, &len) == 0);
		for (uint32_t n = 0; n < get_be32(response + 15); n++) {
			uint32_t index = get_be32(response + 19 + 4 * n) & 0x00ffffff;

			must(index < 64 && seen[index]++ == 0);
		}
	}
}

static size_t list_handles(struct clients *clients, uint32_t first, uint32_t handles[static 64])
{
	struct tpm_executor tpm = clients_tpm(clients);
	size_t count;

	must(context_read_handles(&tpm, first, handles, 64, &count) == 0);
	return count;
}

static void do_with_handle(struct clients *clients, uint32_t code, uint32_t handle)
{
	struct tpm_command command;
	struct step step = { .who = CLIENT_EXCLUSIVE, .command = command.bytes };
	const uint8_t *response;
	size_t len;

	command_with_handle(&command, code, handle);
	step.len = command.len;
	must(clients_do(clients, &step, &response, &len) == 0);
	must(get_be32(response + 6) == TPM2_RC_SUCCESS);
	check_owner(response, len, CLIENT_EXCLUSIVE);
}

/* The exclusive client flushes what it has of a kind, which is all that is in the TPM now. */
static void clear_exclusive(struct clients *clients, uint32_t first)
{
	uint32_t handles[64];
	size_t count;

	must(clients_evict_all(clients) == 0);
	count = list_handles(clients, first, handles);
	for (size_t i = 0; i < count; i++) {
		if (first == TRANSIENT_FIRST)
			do_with_handle(clients, TPM2_CC_ReadPublic, handles[i]);
		do_with_handle(clients, TPM2_CC_FlushContext, handles[i]);
	}
	must(list_handles(clients, first, handles) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct clients *clients = clients_begin();
	uint32_t handles[64];
	bool exclusive = false;
	struct step step;

	past.saved = 0;
	past.shares = false;
	for (int n = 0; n < STREAM_STEPS_MAX && stream_next(&data, &size, &step); n++) {
		do_step(clients, &step);
		exclusive = exclusive || (step.who & STEP_CLIENT) == CLIENT_EXCLUSIVE;
	}
	check_sessions(clients);
	/* Not in vain: others' things would not be in the TPM when they leave. */
	if (exclusive) {
		clear_exclusive(clients, TRANSIENT_FIRST);
		clear_exclusive(clients, LOADED_FIRST);
	}
	for (unsigned int i = 0; i < CLIENT_EXCLUSIVE; i++)
		clients_leave(clients, i);
	must(list_handles(clients, TRANSIENT_FIRST, handles) == 0);
	must(list_handles(clients, LOADED_FIRST, handles) == 0);
	/* A session that its client has saved is nobody's. */
	must(past.saved > 0 || list_handles(clients, SAVED_FIRST, handles) == 0);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	return stream_mutate(data, size, max, seed, clients_commands(clients_begin()));
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len,
				 uint8_t *out, size_t max, unsigned int seed)
{
	return stream_cross(a, a_len, b, b_len, out, max, seed);
}
