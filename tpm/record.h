/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A command and its response for those that watch, as bytes that one process sends another. Pure.
 */
#ifndef VTPM_TPM_RECORD_H
#define VTPM_TPM_RECORD_H

#include "tpm/command.h"

#define RECORD_HEADER_SIZE 52
#define RECORD_SIZE_MAX (RECORD_HEADER_SIZE + 2 * TPM_COMMAND_MAX)

struct record {
	uint64_t time_ns; /* of day, in UTC: when the command came */
	uint64_t took_ns; /* from there to its answer */
	uint64_t open;    /* the number of its open */
	uint64_t dropped; /* so many before it were not sent */
	int error;        /* a negative errno: there is no response */
	bool managed;     /* from the node with a resource manager */
	bool concealed;   /* its secrets are zeros */
	enum tpm_version version;
	const uint8_t *command, *response; /* borrowed */
	size_t command_len, response_len;  /* at most TPM_COMMAND_MAX */
};

/*
 * Writes the header, RECORD_HEADER_SIZE bytes, which command and response follow; returns the size
 * of all three.
 */
size_t record_encode(const struct record *record, uint8_t bytes[static RECORD_HEADER_SIZE]);

/* The size of the record that begins with this header; -EPROTO: none does. */
int record_size(const uint8_t bytes[static RECORD_HEADER_SIZE], size_t *ret);

/* Reads a whole record; RET borrows BYTES. -EPROTO: it is none. */
int record_parse(const uint8_t *bytes, size_t len, struct record *ret);

#endif
