/* SPDX-License-Identifier: BSD-3-Clause */
/* An event log at the end of a saved state: it comes back as it was, or not at all. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "cuse/server/saved_log.h"
#include "util/error.h"
#include "util/wiped.h"
#include "verify/log/log.h"

#define REGISTER_AT 18 /* in a record */
#define STATE "the state"
#define STATE_LEN (sizeof(STATE) - 1)

static void append_to_state(struct wiped *all, const uint8_t *log, size_t len)
{
	all->data = malloc(STATE_LEN);
	assert_non_null(all->data);
	memcpy(all->data, STATE, STATE_LEN);
	all->len = STATE_LEN;
	assert_int_equal(saved_log_append(all, log, len), 0);
}

static size_t make_log(uint8_t *bytes)
{
	const struct bank *banks[] = { bank_by_name("sha256") };
	struct cel_record record = {
		.event = { .pcr = CEL_PCR_HOST, .content = CEL_VTPM, .type = CEL_ATTACHED }
	};

	assert_int_equal(cel_record_hash(&record, banks, 1, NULL), 0);
	cel_record_write(&record, bytes);
	return cel_record_size(&record);
}

static void a_log_comes_back_from_behind_the_state(void **state)
{
	cleanup_wiped struct wiped all = { 0 };
	uint8_t bytes[256];
	const uint8_t *log = NULL;
	size_t len = make_log(bytes), found;

	(void)state;
	append_to_state(&all, bytes, len);
	assert_memory_equal(all.data, STATE, STATE_LEN);
	assert_int_equal(saved_log_find(all.data, all.len, &log, &found, NULL), 0);
	assert_int_equal(found, len);
	assert_memory_equal(log, bytes, len);
}

static void no_log_changes_nothing(void **state)
{
	cleanup_wiped struct wiped all = { 0 };
	const uint8_t *log = NULL;
	size_t len = 1;

	(void)state;
	append_to_state(&all, NULL, 0);
	assert_int_equal(all.len, STATE_LEN);
	assert_int_equal(saved_log_find(all.data, all.len, &log, &len, NULL), 0);
	assert_int_equal(len, 0);
	assert_int_equal(saved_log_find(all.data, 0, &log, &len, NULL), 0);
	assert_int_equal(len, 0);
}

static void a_log_that_is_not_whole_is_refused(void **state)
{
	static const char *const texts[] = { "its event log is not whole",
					     "its event log is wrong: " };
	cleanup_wiped struct wiped all = { 0 };
	uint8_t bytes[256];
	const uint8_t *log = NULL;
	size_t len = make_log(bytes), found;
	struct error err;

	(void)state;
	append_to_state(&all, bytes, len);
	/* Of no bytes, and longer than all. */
	for (int i = 0; i < 2; i++) {
		uint8_t *length = all.data + all.len - SAVED_LOG_TAIL;

		memset(length, i == 0 ? 0 : 0xff, 4);
		assert_int_equal(saved_log_find(all.data, all.len, &log, &found, &err), -EBADMSG);
		assert_string_equal(err.text, texts[0]);
		memset(length, 0, 3);
		length[3] = (uint8_t)len;
	}
	/* No digest is of the register: what the log leads to differs then. */
	for (size_t i = 0; i < len; i++) {
		if (i == REGISTER_AT)
			continue;
		all.data[STATE_LEN + i] ^= 1;
		assert_int_equal(saved_log_find(all.data, all.len, &log, &found, &err), -EBADMSG);
		assert_memory_equal(err.text, texts[1], strlen(texts[1]));
		assert_int_equal(found, 0);
		all.data[STATE_LEN + i] ^= 1;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_log_comes_back_from_behind_the_state),
		cmocka_unit_test(no_log_changes_nothing),
		cmocka_unit_test(a_log_that_is_not_whole_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
