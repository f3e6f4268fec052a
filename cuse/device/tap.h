/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Lets listeners read the commands of clients and the TPM's responses. The TPM never waits for a
 * listener: a record that does not fit into its socket is left out, and the next one that fits has
 * their count.
 */
#ifndef VTPM_CUSE_DEVICE_TAP_H
#define VTPM_CUSE_DEVICE_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tpm/command.h"
#include "util/cleanup.h"

struct tap;

/* More are refused. */
#define TAP_LISTENERS_MAX 4

int tap_new(enum tpm_version version, struct tap **ret);

/* Call it after the last listener was removed. */
void tap_free(struct tap *tap);
DEFINE_CLEANUP(struct tap, tap_free);

/*
 * Reserves a place for FD, a stream socket that will get records, without secrets unless SECRETS is
 * set. -EBUSY: too many listeners.
 */
int tap_add(struct tap *tap, int fd, bool secrets);

/* Sends records to FD from the next command on. */
void tap_start(struct tap *tap, int fd);

/* FD gets no more records after the return. Returns how many were left out for it. */
uint64_t tap_remove(struct tap *tap, int fd);

/* --- for the thread that has the TPM; TAP may be NULL --- */

struct tap_command {
	uint64_t open; /* number of the open */
	bool managed;
	uint64_t arrived_ns; /* by monotonic_ns() */
	const uint8_t *bytes;
	size_t len;
};

/* Copies the command. False: there is no listener, and tap_response() need not be called. */
bool tap_command(struct tap *tap, const struct tap_command *command);

/*
 * Sends the record with the response, or the errno R in its place. Called after the client has its
 * answer.
 */
void tap_response(struct tap *tap, int r, const uint8_t *response, size_t len);

#endif
