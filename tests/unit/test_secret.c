/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "util/error.h"
#include "util/file.h"
#include "util/secret.h"

static bool given_back_wiped;

int __real_munmap(void *p, size_t len);
int __wrap_munmap(void *p, size_t len);
int __wrap_munmap(void *p, size_t len)
{
	const uint8_t *bytes = p;

	given_back_wiped = true;
	for (size_t i = 0; i < len; i++)
		given_back_wiped = given_back_wiped && bytes[i] == 0;
	return __real_munmap(p, len);
}

static void a_secret_is_zeroed_and_wiped(void **state)
{
	static const uint8_t zeros[5000];
	struct secret *secret;

	(void)state;
	assert_int_equal(secret_new(sizeof(zeros), &secret), 0);
	assert_int_equal(secret->len, sizeof(zeros));
	assert_memory_equal(secret->bytes, zeros, sizeof(zeros));
	memset(secret->bytes, 0xaa, secret->len);
	given_back_wiped = false;
	secret_free(secret);
	assert_true(given_back_wiped);
	secret_free(NULL);
}

static const void *locked;
static size_t locked_size;
static bool left_out_of_dumps, left_out_of_children;

int __real_mlock(const void *p, size_t len);
int __wrap_mlock(const void *p, size_t len);
int __wrap_mlock(const void *p, size_t len)
{
	locked = p;
	locked_size = len;
	return __real_mlock(p, len);
}

int __real_madvise(void *p, size_t len, int advice);
int __wrap_madvise(void *p, size_t len, int advice);
int __wrap_madvise(void *p, size_t len, int advice)
{
	const bool all = p == locked && len == locked_size;

	left_out_of_dumps = left_out_of_dumps || (all && advice == MADV_DONTDUMP);
	left_out_of_children = left_out_of_children || (all && advice == MADV_DONTFORK);
	return __real_madvise(p, len, advice);
}

static void a_secret_is_locked_and_in_no_dump_and_no_child(void **state)
{
	struct secret *secret;

	(void)state;
	locked = NULL;
	left_out_of_dumps = left_out_of_children = false;
	assert_int_equal(secret_new(5000, &secret), 0);
	assert_ptr_equal(locked, secret);
	assert_true(locked_size >= sizeof(*secret) + 5000);
	assert_true(left_out_of_dumps);
	assert_true(left_out_of_children);
	secret_free(secret);
}

static int read_from(const char *text, size_t len, size_t most, struct secret **ret,
		     struct error *err)
{
	int ends[2], r;

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write_all(ends[1], text, len), 0);
	(void)close(ends[1]);
	r = secret_read(ends[0], most, "file=x", ret, err);
	(void)close(ends[0]);
	return r;
}

static void what_is_read_has_its_own_length(void **state)
{
	struct secret *secret;

	(void)state;
	assert_int_equal(read_from("1234", 4, 4, &secret, NULL), 0);
	assert_int_equal(secret->len, 4);
	assert_memory_equal(secret->bytes, "1234", 4);
	secret_free(secret);
	assert_int_equal(read_from("1\0\n", 3, 100, &secret, NULL), 0);
	assert_int_equal(secret->len, 3);
	assert_memory_equal(secret->bytes, "1\0\n", 3);
	secret_free(secret);
}

static void too_much_and_nothing_are_refused(void **state)
{
	struct secret *secret = NULL;
	struct error err = { "" };

	(void)state;
	assert_int_equal(read_from("12345", 5, 4, &secret, &err), -EINVAL);
	assert_string_equal(err.text, "file=x is longer than 4 bytes");
	assert_int_equal(read_from("", 0, 4, &secret, &err), -EINVAL);
	assert_string_equal(err.text, "file=x is empty");
	assert_int_equal(secret_read(-1, 4, "fd=9", &secret, &err), -EBADF);
	assert_string_equal(err.text, "read fd=9: Bad file descriptor");
	assert_null(secret);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_secret_is_zeroed_and_wiped),
		cmocka_unit_test(a_secret_is_locked_and_in_no_dump_and_no_child),
		cmocka_unit_test(what_is_read_has_its_own_length),
		cmocka_unit_test(too_much_and_nothing_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
