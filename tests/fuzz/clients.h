/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Clients of a TPM 2.0 that begins as the same one each time: three with spaces of their own, and
 * the exclusive one. One TPM per process.
 */
#ifndef VTPM_TESTS_FUZZ_CLIENTS_H
#define VTPM_TESTS_FUZZ_CLIENTS_H

#include <stdbool.h>

#include "tests/fuzz/stream.h"
#include "tpm/exchange.h"

/* The client who has no space. */
#define CLIENT_EXCLUSIVE 3

struct clients;

/* Ends those that were there before; never NULL. */
struct clients *clients_begin(void);

/*
 * Does STEP, which must be a whole command; -EINVAL and -ENOMEM are the resource manager's.
 * *RESPONSE is borrowed until the next step.
 */
int clients_do(struct clients *clients, const struct step *step, const uint8_t **response,
	       size_t *len);

void clients_leave(struct clients *clients, unsigned int client);

/* Only what the exclusive client has is in the TPM afterwards. */
int clients_evict_all(struct clients *clients);

/* The TPM itself, past all clients. */
struct tpm_executor clients_tpm(struct clients *clients);
const struct command_table *clients_commands(struct clients *clients);

#endif
