/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where somebody may listen to what clients say and the TPM answers. Nobody waits for a listener:
 * what does not fit into its socket is left out, and the next record that fits says how many were.
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

/* Nobody listens any more. */
void tap_free(struct tap *tap);
DEFINE_CLEANUP(struct tap, tap_free);

/*
 * A place for FD, a stream socket, which is to get records: without their secrets, unless SECRETS
 * says so. -EBUSY: too many listen.
 */
int tap_add(struct tap *tap, int fd, bool secrets);

/* From the next command on FD gets records. */
void tap_start(struct tap *tap, int fd);

/* How many records were left out for FD, which gets no more when this returns. */
uint64_t tap_remove(struct tap *tap, int fd);

/* --- for the thread that has the TPM; TAP may be NULL --- */

struct tap_command {
	uint64_t open; /* its number */
	bool managed;
	uint64_t arrived_ns; /* by monotonic_ns() */
	const uint8_t *bytes;
	size_t len;
};

/* Copies the command. False: nobody listens, and tap_response() need not be called. */
bool tap_command(struct tap *tap, const struct tap_command *command);

/* The response to it, or the errno R in its place. Whoever has sent the command knows it already.
 */
void tap_response(struct tap *tap, int r, const uint8_t *response, size_t len);

#endif
