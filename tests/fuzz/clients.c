/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/fuzz/clients.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fixed_random.h"
#include "tests/unit/memory_storage.h"
#include "tpm/space/context.h"
#include "tpm/space/gate.h"
#include "tpm/tcg.h"
#include "util/bytes.h"

struct clients {
	struct memory_storage memory;
	struct tpm *tpm;
	struct gate *gate;
	struct space *spaces[CLIENT_EXCLUSIVE];
	struct command_table commands;
	/* The permanent state as it was made first. */
	uint8_t *begin;
	size_t begin_len;
};

static void must(bool condition)
{
	if (!condition)
		abort();
}

static int execute(void *context, const uint8_t *command, size_t len, const uint8_t **response,
		   size_t *response_len)
{
	struct clients *clients = context;

	return tpm_execute(clients->tpm, command, len, response, response_len);
}

static bool is_stalled(void *context)
{
	const struct clients *clients = context;

	return tpm_is_stalled(clients->tpm);
}

static void relieve(void *context)
{
	(void)context;
}

struct tpm_executor clients_tpm(struct clients *clients)
{
	return (struct tpm_executor){ .execute = execute, .context = clients };
}

const struct command_table *clients_commands(struct clients *clients)
{
	return &clients->commands;
}

static void end(struct clients *clients)
{
	gate_free(clients->gate);
	tpm_stop(clients->tpm);
	memory_storage_done(&clients->memory);
	memset(clients->spaces, 0, sizeof(clients->spaces));
}

/* To make a TPM takes long, to start one that was made does not. */
static void power_on(struct clients *clients)
{
	struct tpm_storage storage = memory_storage(&clients->memory);

	if (clients->begin != NULL)
		must(storage.store(&clients->memory, BLOB_PERMANENT, clients->begin,
				   clients->begin_len) == 0);
	must(tpm_start(TPM_VERSION_2, &storage, &clients->tpm, NULL) == 0);
	if (clients->begin == NULL)
		must(storage.load(&clients->memory, BLOB_PERMANENT, &clients->begin,
				  &clients->begin_len) == 0);
	fixed_random_begin();
	must(tpm_startup(clients->tpm, NULL) == 0);
}

struct clients *clients_begin(void)
{
	static struct clients clients;
	struct tpm_executor tpm = clients_tpm(&clients);
	const struct transmit_options options = { .tpm = tpm,
						  .version = TPM_VERSION_2,
						  .relieve = relieve,
						  .is_stalled = is_stalled,
						  .context = &clients };

	end(&clients);
	fixed_random_begin();
	power_on(&clients);
	must(gate_new(&options, &clients.gate) == 0 && gate_manage(clients.gate, NULL) == 0);
	if (clients.commands.count == 0)
		must(context_read_commands(&tpm, &clients.commands) == 0);
	return &clients;
}

void clients_leave(struct clients *clients, unsigned int client)
{
	if (client == CLIENT_EXCLUSIVE)
		return;
	gate_leave(clients->gate, clients->spaces[client]);
	clients->spaces[client] = NULL;
}

int clients_evict_all(struct clients *clients)
{
	return gate_evict_all(clients->gate);
}

/* Nobody is told an answer that is not stored; and once there is room again all goes on. */
static void check_recovery(struct clients *clients, const uint8_t *response)
{
	clients->memory.store_error = 0;
	if (!tpm_is_stalled(clients->tpm))
		return;
	must(get_be32(response + 6) == TPM2_RC_FAILURE);
	must(tpm_store_again(clients->tpm, NULL) == 0 && !tpm_is_stalled(clients->tpm));
}

int clients_do(struct clients *clients, const struct step *step, const uint8_t **response,
	       size_t *len)
{
	unsigned int client = step->who & STEP_CLIENT;
	struct space **space = client == CLIENT_EXCLUSIVE ? NULL : &clients->spaces[client];
	int r;

	if ((step->who & STEP_COMES_AGAIN) != 0)
		clients_leave(clients, client);
	if ((step->who & STEP_DISK_FAILS) != 0)
		clients->memory.store_error = -ENOSPC;
	r = gate_execute(clients->gate, space, step->command, step->len, response, len);
	if (r == 0)
		check_recovery(clients, *response);
	clients->memory.store_error = 0;
	return r;
}
