/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The event log of a measured launch at the end of what vtpm-ctl save writes: whoever resumes the
 * TPM has its registers, and the log that leads to them. Pure; vtpm-state(5) has the bytes.
 */
#ifndef VTPM_CUSE_SERVER_SAVED_LOG_H
#define VTPM_CUSE_SERVER_SAVED_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "verify/log/event.h"

struct error;
struct wiped;

/* What is behind a log. */
#define SAVED_LOG_TAIL 12

/* Puts the log behind ALL; one of no bytes is none, and changes nothing. -ENOMEM. */
int saved_log_append(struct wiped *all, const uint8_t *log, size_t len);

/*
 * The log at the end of BYTES, borrowed, or *LEN 0 when there is none. -EBADMSG: it is not whole,
 * or no log.
 */
int saved_log_find(const uint8_t *bytes, size_t size, const uint8_t **log, size_t *len,
		   struct error *err);

#endif
