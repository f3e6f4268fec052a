/* SPDX-License-Identifier: BSD-3-Clause */
/* verify/log: events, lists of them, records and whole logs; the golden log is written by others.
 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/scratch.h"
#include "util/bytes.h"
#include "util/error.h"
#include "verify/log/log.h"
#include "verify/log/view.h"

#define SHA1 0x04
#define SHA256 0x0b

static struct cel_event event_of(uint8_t pcr, uint8_t content, uint8_t type, const char *text)
{
	struct cel_event event = { pcr, content, type, (const uint8_t *)text, strlen(text) };

	return event;
}

/* Appends a record of EVENT, with digests of two banks. */
static void append(uint8_t *log, size_t *len, uint64_t number, struct cel_event event)
{
	const struct bank *const banks[] = { bank_find(SHA1), bank_find(SHA256) };
	struct cel_record record = { .number = number, .event = event };

	assert_int_equal(cel_record_hash(&record, banks, 2, NULL), 0);
	cel_record_write(&record, log + *len);
	*len += cel_record_size(&record);
}

/* "docker" in 12, "sh" in 13, and a separator in each. */
static size_t small_log(uint8_t *log)
{
	size_t len = 0;

	append(log, &len, 0, event_of(CEL_PCR_HOST, CEL_VTPM, CEL_ENGINE, "docker"));
	append(log, &len, 1, event_of(CEL_PCR_CONTAINER, CEL_CONTAINER, CEL_ARGUMENT, "sh"));
	append(log, &len, 2, event_of(CEL_PCR_HOST, CEL_CONTAINER, CEL_SEPARATOR, ""));
	append(log, &len, 3, event_of(CEL_PCR_CONTAINER, CEL_CONTAINER, CEL_SEPARATOR, ""));
	return len;
}

static void read_golden(const char *name, uint8_t **data, size_t *len)
{
	const char *source = getenv("SRCDIR");
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/tests/golden/eventlog/%s",
		       source == NULL ? ".." : source, name);
	scratch_read(path, data, len);
}

static void the_golden_log_is_read_and_each_event_in_it_is_known(void **state)
{
	cleanup_with(cel_log_freep) struct cel_log *log = NULL;
	cleanup_free uint8_t *bytes = NULL;
	size_t len;

	(void)state;
	read_golden("every-event.cel", &bytes, &len);
	assert_int_equal(cel_log_parse(bytes, len, &log, NULL), 0);
	assert_int_equal(cel_log_check(log, NULL), 0);
	assert_int_equal(log->count, 27);
	for (size_t i = 0; i < log->count; i++) {
		const struct cel_event *event = &log->records[i].event;

		assert_non_null(cel_event_name(event->content, event->type));
		assert_int_equal(log->records[i].digest_count, 4);
	}
	assert_string_equal(
		cel_event_name(log->records[7].event.content, log->records[7].event.type),
		"runtime");
	assert_memory_equal(log->records[7].event.data, "/usr/bin/runc", 13);
	assert_true(cel_is_separator(&log->records[25].event));
	assert_false(cel_is_separator(&log->records[23].event));
}

static void the_golden_log_is_written_again_as_the_same_bytes(void **state)
{
	cleanup_with(cel_log_freep) struct cel_log *log = NULL;
	cleanup_free uint8_t *bytes = NULL, *back = NULL;
	size_t len, at = 0;

	(void)state;
	read_golden("every-event.cel", &bytes, &len);
	assert_int_equal(cel_log_parse(bytes, len, &log, NULL), 0);
	back = malloc(len);
	assert_non_null(back);
	for (size_t i = 0; i < log->count; i++) {
		const struct bank *banks[BANKS_MOST];
		struct cel_record *record = &log->records[i];
		struct cel_record own = { .number = record->number, .event = record->event };

		for (size_t j = 0; j < record->digest_count; j++)
			banks[j] = record->digests[j].bank;
		assert_int_equal(cel_record_hash(&own, banks, record->digest_count, NULL), 0);
		assert_true(at + cel_record_size(&own) <= len);
		cel_record_write(&own, back + at);
		at += cel_record_size(&own);
	}
	assert_int_equal(at, len);
	assert_memory_equal(back, bytes, len);
}

static void the_golden_log_leads_to_the_registers_that_others_computed(void **state)
{
	cleanup_with(cel_log_freep) struct cel_log *log = NULL;
	cleanup_free uint8_t *bytes = NULL, *expected = NULL;
	char text[4096] = "";
	size_t len, expected_len;

	(void)state;
	read_golden("every-event.cel", &bytes, &len);
	read_golden("every-event.registers", &expected, &expected_len);
	assert_int_equal(cel_log_parse(bytes, len, &log, NULL), 0);
	for (uint16_t alg = 0; alg < 0x10; alg++) {
		const struct bank *bank = bank_find(alg);
		uint8_t value[BANK_DIGEST_MOST];
		char hex[2 * BANK_DIGEST_MOST + 1];

		for (uint8_t pcr = 12; bank != NULL && pcr <= 13; pcr++) {
			size_t at = strlen(text);

			assert_int_equal(cel_log_replay(log, bank, pcr, value, NULL), 0);
			hex_encode(value, bank->size, hex);
			(void)snprintf(text + at, sizeof(text) - at, "%s %u %s\n", bank->name, pcr,
				       hex);
		}
	}
	assert_int_equal(strlen(text), expected_len);
	assert_memory_equal(text, expected, expected_len);
}

static void assert_viewed(const struct cel_log *log, size_t i, const char *expected)
{
	json_auto_t *json = cel_record_json(&log->records[i]);
	cleanup_free char *text = NULL;

	assert_int_equal(json_object_del(json, "digests"), 0);
	text = json_dumps(json, JSON_COMPACT);
	assert_string_equal(text, expected);
}

static void assert_line(const struct cel_log *log, size_t i, const char *expected)
{
	cleanup_free char *text = cel_event_text(&log->records[i].event);

	assert_string_equal(text, expected);
}

static void a_log_is_shown_as_json_and_as_lines(void **state)
{
	cleanup_with(cel_log_freep) struct cel_log *log = NULL;
	json_auto_t *all = NULL;
	cleanup_free uint8_t *bytes = NULL;
	size_t len;

	(void)state;
	read_golden("every-event.cel", &bytes, &len);
	assert_int_equal(cel_log_parse(bytes, len, &log, NULL), 0);
	all = cel_log_json(log);
	assert_int_equal(json_array_size(all), 27);
	assert_int_equal(json_object_size(json_object_get(json_array_get(all, 9), "digests")), 4);
	assert_viewed(log, 8, "{\"record\":8,\"pcr\":12,\"event\":\"engine\",\"text\":\"docker\"}");
	assert_viewed(log, 9,
		      "{\"record\":9,\"pcr\":12,\"event\":\"host-quote\",\"data\":"
		      "\"00000000030000000100000004010101010200000005020202020203000000060303030303"
		      "03040000000704040404040404\"}");
	assert_viewed(log, 18,
		      "{\"record\":18,\"pcr\":13,\"event\":\"mount\",\"value\":{\"destination\":"
		      "\"/proc\",\"source\":\"proc\",\"type\":\"proc\"}}");
	assert_viewed(log, 25, "{\"record\":25,\"pcr\":12,\"event\":\"separator\"}");
	assert_line(log, 8, "docker");
	assert_line(log, 9,
		    "000000000300000001000000040101010102000000050202020202030000000603030303030304"
		    "0000000704040404040404");
	assert_line(log, 21,
		    "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f "
		    "/etc/nginx/nginx.conf");
	assert_line(log, 22, "/etc/nginx/absent.conf");
	assert_line(log, 25, "");
}

static void what_is_not_what_its_type_says_is_shown_as_bytes(void **state)
{
	static const struct {
		uint8_t content, type;
		const char *data;
		size_t len;
	} events[] = {
		{ CEL_CONTAINER, CEL_ARGUMENT, "\xff", 1 },
		{ CEL_CONTAINER, CEL_ARGUMENT, "a\0b", 3 },
		{ CEL_VTPM, CEL_MOUNT, "{", 1 },
		{ CEL_VTPM, CEL_CONFIG, "short", 5 },
		{ CEL_VTPM, CEL_FILE, "short", 5 },
		{ CEL_VTPM, 99, "new", 3 },
		{ CEL_VTPM, CEL_ATTACHED, "x", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		const struct cel_record record = { .event = { 13, events[i].content, events[i].type,
							      (const uint8_t *)events[i].data,
							      events[i].len } };
		json_auto_t *json = cel_record_json(&record);
		cleanup_free char *line = cel_event_text(&record.event);

		assert_non_null(json_object_get(json, "data"));
		assert_non_null(line);
	}
}

static void a_line_is_one_line_whatever_the_path(void **state)
{
	static const char data[] = "0123456789abcdef0123456789abcdef/a\nb";
	const struct cel_event event = { CEL_PCR_CONTAINER, CEL_VTPM, CEL_FILE,
					 (const uint8_t *)data, sizeof(data) - 1 };
	cleanup_free char *line = cel_event_text(&event);

	(void)state;
	assert_string_equal(line, "3031323334353637383961626364656630313233343536373839616263646566"
				  " /a\\x0ab");
}

static void a_list_gives_back_what_was_put_in(void **state)
{
	struct cel_event event = event_of(CEL_PCR_CONTAINER, CEL_CONTAINER, CEL_ARGUMENT, "sleep"),
			 back;
	struct cel_list list = { 0 };
	size_t at = 0, count = 0;

	(void)state;
	for (int i = 0; i < 300; i++)
		assert_int_equal(cel_list_add(&list, &event), 0);
	while (cel_list_next(list.bytes, list.len, &at, &back) == 1) {
		assert_int_equal(back.pcr, CEL_PCR_CONTAINER);
		assert_int_equal(back.content, CEL_CONTAINER);
		assert_int_equal(back.type, CEL_ARGUMENT);
		assert_int_equal(back.len, 5);
		assert_memory_equal(back.data, "sleep", 5);
		count++;
	}
	assert_int_equal(count, 300);
	assert_int_equal(at, list.len);
	cel_list_done(&list);
	assert_null(list.bytes);
}

static void a_list_takes_no_event_and_no_sum_that_is_too_large(void **state)
{
	cleanup_free uint8_t *data = calloc(1, CEL_EVENT_MOST + 1);
	struct cel_event event = { CEL_PCR_HOST, CEL_VTPM, CEL_PRODUCT, data, CEL_EVENT_MOST + 1 };
	struct cel_list list = { 0 };
	size_t len;

	(void)state;
	assert_non_null(data);
	assert_int_equal(cel_list_add(&list, &event), -E2BIG);
	assert_int_equal(list.len, 0);
	event.len--;
	for (size_t i = 0; i < CEL_LOG_MOST / (CEL_EVENT_MOST + 11); i++)
		assert_int_equal(cel_list_add(&list, &event), 0);
	len = list.len;
	assert_int_equal(cel_list_add(&list, &event), -E2BIG);
	assert_int_equal(list.len, len);
	cel_list_done(&list);
}

static void a_list_is_of_the_two_registers_and_of_known_contents(void **state)
{
	uint8_t bytes[] = { 13, 80, 0, 0, 0, 6, 4, 0, 0, 0, 1, 'x' };
	struct cel_event event;
	size_t at = 0;

	(void)state;
	assert_int_equal(cel_list_next(bytes, sizeof(bytes), &at, &event), 1);
	for (size_t i = 0; i < sizeof(bytes) - 1; i++) {
		at = 0;
		bytes[i] ^= 0x40;
		/* The inner type is the program's business. */
		assert_int_equal(cel_list_next(bytes, sizeof(bytes), &at, &event),
				 i == 6 ? 1 : -EINVAL);
		bytes[i] ^= 0x40;
	}
	for (size_t len = 1; len < sizeof(bytes); len++) {
		at = 0;
		assert_int_equal(cel_list_next(bytes, len, &at, &event), -EINVAL);
		assert_int_equal(at, 0);
	}
}

static void an_event_of_a_launch_belongs_to_one_register(void **state)
{
	static const struct cel_event good[] = {
		{ 12, CEL_VTPM, CEL_ENGINE, NULL, 0 },
		{ 13, CEL_VTPM, CEL_MOUNT, NULL, 0 },
		{ 13, CEL_CONTAINER, CEL_ARGUMENT, NULL, 0 },
	};
	static const struct cel_event bad[] = {
		{ 13, CEL_VTPM, CEL_ENGINE, NULL, 0 },
		{ 12, CEL_VTPM, CEL_MOUNT, NULL, 0 },
		{ 12, CEL_CONTAINER, CEL_ARGUMENT, NULL, 0 },
		{ 12, CEL_CONTAINER, CEL_SEPARATOR, NULL, 0 },
		{ 13, CEL_CONTAINER, CEL_SEPARATOR, NULL, 0 },
		{ 12, CEL_VTPM, CEL_RELAUNCH, NULL, 0 },
		{ 13, CEL_VTPM, CEL_ATTACHED, NULL, 0 },
		{ 13, CEL_CONTAINER, 2, NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(cel_event_is_of_launch(&good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(cel_event_is_of_launch(&bad[i]));
}

static void a_log_that_is_cut_is_refused_but_between_records(void **state)
{
	uint8_t bytes[1024];
	size_t len, whole = 0;

	(void)state;
	len = small_log(bytes);
	for (size_t cut = 0; cut <= len; cut++) {
		cleanup_with(cel_log_freep) struct cel_log *log = NULL;
		struct error err;
		int r = cel_log_parse(bytes, cut, &log, &err);

		if (r == 0)
			whole++;
		else
			assert_int_equal(r, -EINVAL);
	}
	assert_int_equal(whole, 5);
}

/* Each bit: the parser, the digests or the registers tell. */
static void no_bit_of_a_log_changes_unseen(void **state)
{
	const struct bank *bank = bank_find(SHA256);
	uint8_t bytes[1024], twelve[BANK_DIGEST_MOST], thirteen[BANK_DIGEST_MOST];
	cleanup_with(cel_log_freep) struct cel_log *good = NULL;
	size_t len;

	(void)state;
	len = small_log(bytes);
	assert_int_equal(cel_log_parse(bytes, len, &good, NULL), 0);
	assert_int_equal(cel_log_replay(good, bank, 12, twelve, NULL), 0);
	assert_int_equal(cel_log_replay(good, bank, 13, thirteen, NULL), 0);
	for (size_t bit = 0; bit < 8 * len; bit++) {
		cleanup_with(cel_log_freep) struct cel_log *log = NULL;
		uint8_t a[BANK_DIGEST_MOST], b[BANK_DIGEST_MOST];

		bytes[bit / 8] ^= (uint8_t)(1U << (bit % 8));
		if (cel_log_parse(bytes, len, &log, NULL) == 0 && cel_log_check(log, NULL) == 0) {
			assert_int_equal(cel_log_replay(log, bank, 12, a, NULL), 0);
			assert_int_equal(cel_log_replay(log, bank, 13, b, NULL), 0);
			assert_false(memcmp(a, twelve, 32) == 0 && memcmp(b, thirteen, 32) == 0);
		}
		bytes[bit / 8] ^= (uint8_t)(1U << (bit % 8));
	}
}

static void what_is_wrong_with_a_log_is_said(void **state)
{
	cleanup_with(cel_log_freep) struct cel_log *log = NULL;
	uint8_t bytes[1024];
	struct error err;
	size_t len = small_log(bytes), first = 0;

	(void)state;
	bytes[len - 1] ^= 1;
	assert_int_equal(cel_log_parse(bytes, len, &log, &err), -EINVAL);
	assert_string_equal(err.text,
			    "record 3 of the event log: there is no event of a known kind");
	append(bytes, &first, 1, event_of(CEL_PCR_HOST, CEL_VTPM, CEL_ENGINE, "docker"));
	assert_int_equal(cel_log_parse(bytes, first, &log, &err), -EINVAL);
	assert_string_equal(err.text, "record 0 of the event log: its number is 1");
	first = 0;
	append(bytes, &first, 0, event_of(24, CEL_VTPM, CEL_ENGINE, "docker"));
	assert_int_equal(cel_log_parse(bytes, first, &log, &err), -EINVAL);
	assert_string_equal(err.text, "record 0 of the event log: there is no register 24");
	bytes[24] = 0x12;
	assert_int_equal(cel_log_parse(bytes, first, &log, &err), -EINVAL);
	assert_string_equal(err.text, "record 0 of the event log: a digest is of an unknown "
				      "algorithm, 0x12");
}

/* The algorithm's number is changed: what follows is a digest of the first one's size. */
static void a_digest_has_its_algorithms_size_and_is_there_once(void **state)
{
	struct cel_record record;
	uint8_t bytes[1024];
	struct error err;
	size_t len = 0;

	(void)state;
	append(bytes, &len, 0, event_of(CEL_PCR_HOST, CEL_VTPM, CEL_ENGINE, "docker"));
	assert_int_equal(cel_record_parse(bytes, len, &record, NULL), (int)len);
	bytes[24] = SHA256;
	assert_int_equal(cel_record_parse(bytes, len, &record, &err), -EINVAL);
	assert_string_equal(err.text, "the digest of sha256 has another size");
	bytes[24] = SHA1;
	bytes[49] = SHA1;
	assert_int_equal(cel_record_parse(bytes, len, &record, &err), -EINVAL);
	assert_string_equal(err.text, "the digest of sha1 has another size");
	bytes[23] = 2 * 25;
	bytes[53] = 20;
	assert_int_equal(cel_record_parse(bytes, len, &record, &err), -EINVAL);
	assert_string_equal(err.text, "there are two digests of sha1");
}

static void a_digest_of_something_else_is_found(void **state)
{
	cleanup_with(cel_log_freep) struct cel_log *log = NULL;
	uint8_t bytes[1024];
	struct error err;
	size_t len = small_log(bytes);

	(void)state;
	bytes[29] ^= 1;
	assert_int_equal(cel_log_parse(bytes, len, &log, NULL), 0);
	assert_int_equal(cel_log_check(log, &err), -EBADMSG);
	assert_string_equal(err.text,
			    "record 0 of the event log has a sha1 digest of something else");
}

static void a_log_of_other_banks_is_not_replayed(void **state)
{
	cleanup_with(cel_log_freep) struct cel_log *log = NULL;
	uint8_t bytes[1024], value[BANK_DIGEST_MOST];
	struct error err;

	(void)state;
	assert_int_equal(cel_log_parse(bytes, small_log(bytes), &log, NULL), 0);
	assert_int_equal(cel_log_replay(log, bank_find(0x0d), 12, value, &err), -ENOENT);
	assert_string_equal(err.text, "the event log has no digests of sha512");
}

static void an_empty_log_leads_to_zeros(void **state)
{
	static const uint8_t zeros[32];
	cleanup_with(cel_log_freep) struct cel_log *log = NULL;
	uint8_t value[BANK_DIGEST_MOST];

	(void)state;
	assert_int_equal(cel_log_parse(zeros, 0, &log, NULL), 0);
	assert_int_equal(log->count, 0);
	assert_int_equal(cel_log_replay(log, bank_find(SHA256), 12, value, NULL), 0);
	assert_memory_equal(value, zeros, 32);
}

static void a_log_that_is_too_long_is_not_read(void **state)
{
	cleanup_with(cel_log_freep) struct cel_log *log = NULL;
	struct error err;

	(void)state;
	assert_int_equal(cel_log_parse((const uint8_t *)"", CEL_LOG_MOST + 1, &log, &err), -EINVAL);
	assert_string_equal(err.text, "the event log is longer than 4194304 bytes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_golden_log_is_read_and_each_event_in_it_is_known),
		cmocka_unit_test(the_golden_log_is_written_again_as_the_same_bytes),
		cmocka_unit_test(the_golden_log_leads_to_the_registers_that_others_computed),
		cmocka_unit_test(a_log_is_shown_as_json_and_as_lines),
		cmocka_unit_test(what_is_not_what_its_type_says_is_shown_as_bytes),
		cmocka_unit_test(a_line_is_one_line_whatever_the_path),
		cmocka_unit_test(a_list_gives_back_what_was_put_in),
		cmocka_unit_test(a_list_takes_no_event_and_no_sum_that_is_too_large),
		cmocka_unit_test(a_list_is_of_the_two_registers_and_of_known_contents),
		cmocka_unit_test(an_event_of_a_launch_belongs_to_one_register),
		cmocka_unit_test(a_log_that_is_cut_is_refused_but_between_records),
		cmocka_unit_test(no_bit_of_a_log_changes_unseen),
		cmocka_unit_test(what_is_wrong_with_a_log_is_said),
		cmocka_unit_test(a_digest_has_its_algorithms_size_and_is_there_once),
		cmocka_unit_test(a_digest_of_something_else_is_found),
		cmocka_unit_test(a_log_of_other_banks_is_not_replayed),
		cmocka_unit_test(an_empty_log_leads_to_zeros),
		cmocka_unit_test(a_log_that_is_too_long_is_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
