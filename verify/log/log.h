/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A whole event log: reading it, and what registers it leads to. Pure.
 *
 * A log of ours begins where registers 12 and 13 were zero, and says all that they were extended
 * with by the host:
 *
 *   a launch      what the host says (types 0 to 8 of CEL_VTPM in 12), what it says of the
 * container (CEL_CONTAINER and types 16 to 20 of CEL_VTPM in 13), the separator in each no launch
 * "relaunch" or "attached" in each, the separator in each
 *
 * It ends there. A container can extend both registers further, and then they are not what the log
 * leads to any more; it cannot take a separator back, or put anything before it.
 */
#ifndef VTPM_VERIFY_LOG_LOG_H
#define VTPM_VERIFY_LOG_LOG_H

#include <stdbool.h>

#include "util/cleanup.h"
#include "verify/log/record.h"

struct cel_log {
	size_t count;
	struct cel_record records[];
};

/*
 * Reads all of BYTES, at most CEL_LOG_MOST; *RET borrows them. -EINVAL: it is longer, a record is
 * wrong (cel_record_parse()), numbers do not go 0, 1, 2, a register is above 23, or the records are
 * not all of the same banks. An empty log has no records.
 */
int cel_log_parse(const uint8_t *bytes, size_t len, struct cel_log **ret, struct error *err);
void cel_log_free(struct cel_log *log);
DEFINE_CLEANUP(struct cel_log, cel_log_free);

/*
 * Whether each digest is that of its record's content, in every bank: -EBADMSG says which is not.
 * Without this, nothing that a log says means anything.
 */
int cel_log_check(const struct cel_log *log, struct error *err);

/*
 * Writes what register PCR of BANK is, which was zero, once all records were extended, BANK->size
 * bytes, whether a record is of it or none. -ENOENT: the log is not of this bank.
 */
int cel_log_replay(const struct cel_log *log, const struct bank *bank, uint8_t pcr, uint8_t *value,
		   struct error *err);

/* Whether the record is the separator, which ends what the host says in its register. */
bool cel_is_separator(const struct cel_event *event);

/*
 * Makes RECORD, whose number and event are set, complete: a digest of its content for each of
 * BANKS.
 */
int cel_record_hash(struct cel_record *record, const struct bank *const banks[], size_t count,
		    struct error *err);

#endif
