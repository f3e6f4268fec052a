/* SPDX-License-Identifier: BSD-3-Clause */
/* Shows an event log to people, and as JSON to programs that know no TLV. */
#ifndef VTPM_VERIFY_LOG_VIEW_H
#define VTPM_VERIFY_LOG_VIEW_H

#include <jansson.h>

struct cel_event;
struct cel_log;
struct cel_record;

/*
 * {"record": 0, "pcr": 12, "event": "product", "text": "...", "digests": {"sha256": "..."}}: what
 * the event has is "text", "value" (JSON), "sha256" (and "path"), or else "data", in hex digits,
 * as it is for a text that is none. NULL without memory. Pure.
 */
json_t *cel_record_json(const struct cel_record *record);

/* An array of all records. */
json_t *cel_log_json(const struct cel_log *log);

/* What EVENT has, on one line; the caller frees it. NULL without memory. Pure. */
char *cel_event_text(const struct cel_event *event);

#endif
