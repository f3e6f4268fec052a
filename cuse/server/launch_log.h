/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a TPM's registers 12 and 13 are extended with before anybody may use it, and the event log
 * of that; vtpm-eventlog(5).
 */
#ifndef VTPM_CUSE_SERVER_LAUNCH_LOG_H
#define VTPM_CUSE_SERVER_LAUNCH_LOG_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct host_quote_parts;
struct tpm_executor;

enum measured_kind {
	MEASURED_NOT, /* registers stay as they are */
	MEASURED_LAUNCH,
	MEASURED_ATTACHED,
	MEASURED_RELAUNCH,
};

struct measured {
	enum measured_kind kind;
	int fd;         /* of a launch: where a list of events is ... */
	int host_fd;    /* ... and a socket to who can ask the host's TPM; -1: none */
	uint32_t count; /* of a relaunch: the how manyth it is */
};

/* Reads "fd=N", "fd=N,host=N", "attached" or "relaunch=N"; -EINVAL. */
int measured_parse(const char *text, struct measured *ret, struct error *err);

/* What there is to log. */
struct launch_facts {
	const struct measured *measured;
	const uint8_t *list; /* of a launch: events, see verify/log/event.h */
	size_t list_len;
	const struct host_quote_parts *host; /* by what the host's TPM vouches; NULL: it does not */
	const char *library;                 /* "libtpms 0.9.2" */
	const char *origin;                  /* how the TPM came to be; NULL: as the list says */
};

/*
 * Extends both registers in all active banks, the separator last, and gives the log of it, which
 * the caller frees. -EINVAL: the list has what is not a launch's to say; nothing is extended then.
 * Any other failure is one of the TPM, which must not be used.
 */
int launch_log_make(const struct launch_facts *facts, const struct tpm_executor *executor,
		    uint8_t **log, size_t *len, struct error *err);

#endif
