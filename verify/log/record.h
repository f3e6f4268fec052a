/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A record of TCG's Canonical Event Log, as TLVs: its number, its register, a digest for each bank,
 * and its event. Pure; no hash is computed here.
 */
#ifndef VTPM_VERIFY_LOG_RECORD_H
#define VTPM_VERIFY_LOG_RECORD_H

#include "verify/log/bank.h"
#include "verify/log/event.h"

struct cel_digest {
	const struct bank *bank;
	uint8_t bytes[BANK_DIGEST_MOST];
};

struct cel_record {
	uint64_t number;
	struct cel_event event; /* borrowed, with its register */
	const uint8_t
		*content; /* borrowed: the bytes that a bank's digest is of; set by the parser */
	size_t content_len;
	size_t digest_count;
	struct cel_digest digests[BANKS_MOST]; /* each bank once */
};

/* How many bytes RECORD has, and these bytes; its content is written of its event. */
size_t cel_record_size(const struct cel_record *record);
void cel_record_write(const struct cel_record *record, uint8_t *bytes);

/*
 * Reads the record that BYTES begin with; RET borrows them. Returns its size; -EINVAL: it is cut
 * short, its fields are not these four in this order, a bank is unknown, twice there or has a
 * digest of another size, there is none, or the content is as for cel_content_parse(). Every record
 * that is read is written again as the same bytes.
 */
int cel_record_parse(const uint8_t *bytes, size_t len, struct cel_record *ret, struct error *err);

/* RECORD's digest of BANK; NULL: there is none. */
const struct cel_digest *cel_record_digest(const struct cel_record *record,
					   const struct bank *bank);

#endif
