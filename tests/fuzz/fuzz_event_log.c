/* SPDX-License-Identifier: BSD-3-Clause */
/* A log that was read is written again as the same bytes; so is a list of events. */
#include <stdlib.h>
#include <string.h>

#include "verify/log/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_record(const uint8_t *bytes, const struct cel_record *record)
{
	size_t size = cel_record_size(record);
	cleanup_free uint8_t *back = malloc(size);

	if (back == NULL)
		return;
	cel_record_write(record, back);
	if (memcmp(back, bytes, size) != 0)
		abort();
}

static void check_log(const uint8_t *data, size_t size, const struct cel_log *log)
{
	const struct bank *bank = bank_find(0x000b);
	uint8_t value[BANK_DIGEST_MOST];
	size_t at = 0;

	for (size_t i = 0; i < log->count; i++) {
		check_record(data + at, &log->records[i]);
		at += cel_record_size(&log->records[i]);
	}
	if (at != size)
		abort();
	(void)cel_log_check(log, NULL);
	(void)cel_log_replay(log, bank, CEL_PCR_HOST, value, NULL);
}

static void check_list(const uint8_t *data, size_t size)
{
	struct cel_list list = { 0 };
	struct cel_event event;
	size_t at = 0;

	while (cel_list_next(data, size, &at, &event) == 1) {
		if (cel_list_add(&list, &event) < 0)
			break;
		if (list.len != at || memcmp(list.bytes, data, at) != 0)
			abort();
	}
	cel_list_done(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_with(cel_log_freep) struct cel_log *log = NULL;

	check_list(data, size);
	if (cel_log_parse(data, size, &log, NULL) == 0)
		check_log(data, size, log);
	return 0;
}
