/* SPDX-License-Identifier: BSD-3-Clause */
#include "verify/log/log.h"

#include <inttypes.h>
#include <string.h>

#include "util/error.h"

static bool same_banks(const struct cel_record *a, const struct cel_record *b)
{
	if (a->digest_count != b->digest_count)
		return false;
	for (size_t i = 0; i < a->digest_count; i++) {
		if (cel_record_digest(b, a->digests[i].bank) == NULL)
			return false;
	}
	return true;
}

/* Whether the record at INDEX, the last that was read, goes on with what was read before. */
static int check_place(const struct cel_record *records, size_t index, struct error *err)
{
	const struct cel_record *record = &records[index];

	if (record->number != index)
		return error_say(err, EINVAL, "its number is %" PRIu64, record->number);
	if (record->event.pcr >= PCRS)
		return error_say(err, EINVAL, "there is no register %u", record->event.pcr);
	if (!same_banks(records, record))
		return error_say(err, EINVAL,
				 "its digests are of other banks than the first one's");
	return 0;
}

/* Room for one more record, in steps that double. */
static int make_room(struct cel_log **log)
{
	size_t count = *log == NULL ? 0 : (*log)->count;
	struct cel_log *more;

	if ((count & (count - 1)) != 0)
		return 0;
	more = realloc(*log,
		       sizeof(*more) + (count == 0 ? 1 : 2 * count) * sizeof(more->records[0]));
	if (more == NULL)
		return -ENOMEM;
	more->count = count;
	*log = more;
	return 0;
}

static int parse_next(const uint8_t *bytes, size_t len, struct cel_log **log, struct error *err)
{
	int r = make_room(log), size;

	if (r < 0)
		return error_set(err, -r, "read it");
	size = cel_record_parse(bytes, len, &(*log)->records[(*log)->count], err);
	r = size < 0 ? size : check_place((*log)->records, (*log)->count, err);
	if (r < 0)
		return error_prefix(err, r, "record %zu of the event log", (*log)->count);
	(*log)->count++;
	return size;
}

int cel_log_parse(const uint8_t *bytes, size_t len, struct cel_log **ret, struct error *err)
{
	cleanup_with(cel_log_freep) struct cel_log *log = NULL;

	if (len > CEL_LOG_MOST)
		return error_say(err, EINVAL, "the event log is longer than %d bytes",
				 CEL_LOG_MOST);
	for (size_t at = 0; at < len;) {
		int r = parse_next(bytes + at, len - at, &log, err);

		if (r < 0)
			return r;
		at += (size_t)r;
	}
	if (log == NULL)
		log = calloc(1, sizeof(*log));
	if (log == NULL)
		return error_set(err, ENOMEM, "read the event log");
	*ret = take_ptr(log);
	return 0;
}

void cel_log_free(struct cel_log *log)
{
	free(log);
}

static int check_record(const struct cel_record *record, struct error *err)
{
	for (size_t i = 0; i < record->digest_count; i++) {
		const struct cel_digest *digest = &record->digests[i];
		uint8_t own[BANK_DIGEST_MOST];
		int r = bank_hash(digest->bank, record->content, record->content_len, own, err);

		if (r < 0)
			return r;
		if (memcmp(own, digest->bytes, digest->bank->size) != 0)
			return error_say(err, EBADMSG,
					 "record %" PRIu64 " of the event log has a %s digest of "
					 "something else",
					 record->number, digest->bank->name);
	}
	return 0;
}

int cel_log_check(const struct cel_log *log, struct error *err)
{
	for (size_t i = 0; i < log->count; i++) {
		int r = check_record(&log->records[i], err);

		if (r < 0)
			return r;
	}
	return 0;
}

int cel_log_replay(const struct cel_log *log, const struct bank *bank, uint8_t pcr, uint8_t *value,
		   struct error *err)
{
	memset(value, 0, bank->size);
	for (size_t i = 0; i < log->count; i++) {
		const struct cel_record *record = &log->records[i];
		const struct cel_digest *digest = cel_record_digest(record, bank);
		int r;

		if (digest == NULL)
			return error_say(err, ENOENT, "the event log has no digests of %s",
					 bank->name);
		if (record->event.pcr != pcr)
			continue;
		r = bank_extend(bank, value, digest->bytes, err);
		if (r < 0)
			return r;
	}
	return 0;
}

bool cel_is_separator(const struct cel_event *event)
{
	return event->content == CEL_CONTAINER && event->type == CEL_SEPARATOR;
}

int cel_record_hash(struct cel_record *record, const struct bank *const banks[], size_t count,
		    struct error *err)
{
	size_t size = cel_content_size(&record->event);
	cleanup_free uint8_t *content = malloc(size);

	if (content == NULL)
		return error_set(err, ENOMEM, "hash an event");
	cel_content_write(&record->event, content);
	record->digest_count = count;
	for (size_t i = 0; i < count; i++) {
		int r = bank_hash(banks[i], content, size, record->digests[i].bytes, err);

		if (r < 0)
			return r;
		record->digests[i].bank = banks[i];
	}
	return 0;
}
