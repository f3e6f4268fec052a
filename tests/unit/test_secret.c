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

/* The flags of the mapping at P, as proc(5) names them. */
static void read_flags(const void *p, char *flags, size_t size)
{
	FILE *smaps = fopen("/proc/self/smaps", "re");
	unsigned long first = 0, end = 0, a, b;
	char line[512];

	assert_non_null(smaps);
	flags[0] = '\0';
	while (fgets(line, sizeof(line), smaps) != NULL) {
		if (sscanf(line, "%lx-%lx ", &a, &b) == 2) {
			first = a;
			end = b;
		} else if (strncmp(line, "VmFlags:", 8) == 0 && (unsigned long)p >= first &&
			   (unsigned long)p < end) {
			(void)snprintf(flags, size, "%s", line);
		}
	}
	(void)fclose(smaps);
}

static void a_secret_stays_out_of_core_dumps(void **state)
{
	struct secret *secret;
	char flags[512];

	(void)state;
	assert_int_equal(secret_new(32, &secret), 0);
	read_flags(secret, flags, sizeof(flags));
	if (flags[0] == '\0') { /* a kernel without it */
		secret_free(secret);
		skip();
	}
	assert_non_null(strstr(flags, " dd"));
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
		cmocka_unit_test(a_secret_stays_out_of_core_dumps),
		cmocka_unit_test(what_is_read_has_its_own_length),
		cmocka_unit_test(too_much_and_nothing_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
