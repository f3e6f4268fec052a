/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A whole event log: reads it, and computes the registers that it leads to. Pure.
 *
 * A log of ours begins where registers 12 and 13 were zero, and says all that the host has extended
 * them with, in this order:
 *
 *              register 12                  register 13
 *
 * a launch     what the host says of       what it says of the container
 *              itself (CEL_VTPM, types      (CEL_CONTAINER, and CEL_VTPM,
 *              0 to 9)                      types 16 to 21)
 *              the separator                the separator
 *
 * no launch    "relaunch" or "attached"     the same
 *              the separator                the separator
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
 * Writes the value, BANK->size bytes, that register PCR of BANK, zero at first, has once all
 * records were extended, even if none is of that register. -ENOENT: the log is not of this bank.
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
