/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The event log of a measured launch, at the end of the file that vtpm-ctl save writes: so a
 * resumed TPM has the log that explains its registers. Pure; vtpm-state(5) describes the bytes.
 */
#ifndef VTPM_CUSE_SERVER_SAVED_LOG_H
#define VTPM_CUSE_SERVER_SAVED_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "verify/log/event.h"

struct error;
struct wiped;

/* The size of the trailer behind a log. */
#define SAVED_LOG_TAIL 12

/* Appends the log to ALL; an empty log changes nothing. -ENOMEM. */
int saved_log_append(struct wiped *all, const uint8_t *log, size_t len);

/*
 * Finds the log at the end of BYTES, borrowed; *LEN is 0 when there is none. -EBADMSG: the log is
 * incomplete or invalid.
 */
int saved_log_find(const uint8_t *bytes, size_t size, const uint8_t **log, size_t *len,
		   struct error *err);

#endif
