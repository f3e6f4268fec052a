/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Extends a TPM's registers 12 and 13 before anyone can use it, and writes the event log of that;
 * see vtpm-eventlog(5).
 */
#ifndef VTPM_CUSE_SERVER_LAUNCH_LOG_H
#define VTPM_CUSE_SERVER_LAUNCH_LOG_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct host_quote_parts;
struct tpm_executor;

enum measured_kind {
	MEASURED_NOT, /* leave the registers alone */
	MEASURED_LAUNCH,
	MEASURED_ATTACHED,
	MEASURED_RELAUNCH,
};

struct measured {
	enum measured_kind kind;
	int fd;      /* of a launch: holds the list of events */
	int host_fd; /* of a launch: a socket to a process that can ask the host's TPM; -1: none */
	uint32_t count; /* of a relaunch: its number */
};

/* Reads "fd=N", "fd=N,host=N", "attached" or "relaunch=N"; -EINVAL. */
int measured_parse(const char *text, struct measured *ret, struct error *err);

/* The facts to log. */
struct launch_facts {
	const struct measured *measured;
	const uint8_t *list; /* of a launch: events, see verify/log/event.h */
	size_t list_len;
	const struct host_quote_parts *host; /* the host TPM's quote; NULL: none */
	const char *library;                 /* "libtpms 0.9.2" */
	const char *origin;                  /* the origin of the TPM; NULL: the list has it */
};

/*
 * Extends both registers in all active banks, the separator last, and returns the log, which the
 * caller frees. -EINVAL: the list has an event that a launch may not contain; nothing was extended.
 * Any other error is a failure of the TPM, which must not be used.
 */
int launch_log_make(const struct launch_facts *facts, const struct tpm_executor *executor,
		    uint8_t **log, size_t *len, struct error *err);

#endif
