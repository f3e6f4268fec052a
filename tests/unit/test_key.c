/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/faults.h"
#include "tests/unit/scratch.h"
#include "tpm/state/key.h"
#include "util/error.h"

static const char hex[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1F";

static int get(enum key_kind kind, const void *bytes, size_t len, struct secret **secret,
	       struct error *err)
{
	cleanup_with(state_key_freep) struct state_key *key = NULL;
	int r = state_key_from_bytes(kind, bytes, len, "x", &key, err);

	return r < 0 ? r : state_key_get(key, false, secret, err);
}

static void check_key(const void *bytes, size_t len)
{
	cleanup_with(secret_freep) struct secret *secret = NULL;

	assert_int_equal(get(KEY_RAW, bytes, len, &secret, NULL), 0);
	assert_int_equal(secret->len, KEY_SIZE);
	for (uint8_t i = 0; i < KEY_SIZE; i++)
		assert_int_equal(secret->bytes[i], i);
}

static void a_key_is_32_bytes_or_64_hex_digits(void **state)
{
	uint8_t raw[KEY_SIZE];
	char text[80];

	(void)state;
	for (uint8_t i = 0; i < KEY_SIZE; i++)
		raw[i] = i;
	check_key(raw, sizeof(raw));
	check_key(hex, 64);
	(void)snprintf(text, sizeof(text), "0x%s \r\n", hex);
	check_key(text, strlen(text));
	(void)snprintf(text, sizeof(text), "0X%s\n", hex);
	check_key(text, strlen(text));
}

static void anything_else_is_no_key(void **state)
{
	static const char *const wrong[] = { "0", "0x", "00 ", " ", "\n" };
	cleanup_with(secret_freep) struct secret *secret = NULL;
	struct error err;
	char text[80] = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(get(KEY_RAW, wrong[i], strlen(wrong[i]), &secret, &err), -EINVAL);
	for (size_t len = 0; len < 64; len++)
		assert_int_equal(get(KEY_RAW, hex, len, &secret, &err), -EINVAL);
	(void)snprintf(text, sizeof(text), "%s0", hex);
	assert_int_equal(get(KEY_RAW, text, 65, &secret, &err), -EINVAL);
	assert_int_equal(get(KEY_RAW, text, 31, &secret, &err), -EINVAL);
	text[5] = 'g';
	assert_int_equal(get(KEY_RAW, text, 64, &secret, &err), -EINVAL);
	assert_string_equal(err.text, "x is not a key of 32 bytes or 64 hex digits");
}

static void check_password(const void *bytes, size_t len, size_t expected)
{
	cleanup_with(secret_freep) struct secret *secret = NULL;

	assert_int_equal(get(KEY_PASSWORD, bytes, len, &secret, NULL), 0);
	assert_int_equal(secret->len, expected);
	assert_memory_equal(secret->bytes, bytes, expected);
}

static void a_password_is_all_bytes_but_one_newline(void **state)
{
	static char longest[PASSWORD_MAX + 2];
	cleanup_with(secret_freep) struct secret *secret = NULL;
	struct error err;

	(void)state;
	memset(longest, 'p', sizeof(longest));
	check_password("secret", 6, 6);
	check_password("secret\n", 7, 6);
	check_password("secret\n\n", 8, 7);
	check_password("a\0b", 3, 3);
	check_password(longest, PASSWORD_MAX, PASSWORD_MAX);
	assert_int_equal(get(KEY_PASSWORD, longest, PASSWORD_MAX + 1, &secret, &err), -EINVAL);
	assert_string_equal(err.text, "x is a password longer than 4096 bytes");
	longest[PASSWORD_MAX] = '\n';
	check_password(longest, PASSWORD_MAX + 1, PASSWORD_MAX);
	assert_int_equal(get(KEY_PASSWORD, "\n", 1, &secret, &err), -EINVAL);
	assert_string_equal(err.text, "x is an empty password");
}

static void check_spec(const char *spec)
{
	cleanup_with(state_key_freep) struct state_key *key = NULL;
	cleanup_with(secret_freep) struct secret *secret = NULL;

	assert_int_equal(state_key_from_spec(KEY_PASSWORD, spec, &key, NULL), 0);
	assert_int_equal(state_key_kind(key), KEY_PASSWORD);
	assert_int_equal(state_key_get(key, false, &secret, NULL), 0);
	assert_int_equal(secret->len, 6);
	assert_memory_equal(secret->bytes, "secret", 6);
}

static void a_spec_names_a_file_a_descriptor_or_a_credential(void **state)
{
	char spec[300];
	int fds[2];

	(void)state;
	scratch_write(scratch_path("pass"), "secret\n", 7);
	(void)snprintf(spec, sizeof(spec), "file=%s", scratch_path("pass"));
	check_spec(spec);

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "sec", 3), 3);
	assert_int_equal(write(fds[1], "ret", 3), 3);
	(void)close(fds[1]);
	(void)snprintf(spec, sizeof(spec), "fd=%d", fds[0]);
	check_spec(spec);
	assert_int_equal(fcntl(fds[0], F_GETFD), -1);

	(void)setenv("CREDENTIALS_DIRECTORY", scratch_path(""), 1);
	check_spec("credential=pass");
	(void)unsetenv("CREDENTIALS_DIRECTORY");
}

static void refused(const char *spec, int r, const char *text)
{
	struct state_key *key = NULL;
	struct error err;

	assert_int_equal(state_key_from_spec(KEY_RAW, spec, &key, &err), r);
	assert_string_equal(err.text, text);
	assert_null(key);
}

static void each_mistake_in_a_spec_has_its_sentence(void **state)
{
	(void)state;
	refused("hunter2", -EINVAL, "give it as file=PATH, fd=N or credential=NAME");
	refused("file=/nonexistent/x", -ENOENT, "open /nonexistent/x: No such file or directory");
	refused("file=/dev/null", -ENOTREG, "open /dev/null: Not a regular file");
	refused("fd=x", -EINVAL, "'x' is not a file descriptor");
	refused("fd=-1", -EINVAL, "'-1' is not a file descriptor");
	refused("fd=99999999999999999999", -EINVAL,
		"'99999999999999999999' is not a file descriptor");
	refused("fd=987", -EBADF, "file descriptor 987: Bad file descriptor");
	refused("credential=x", -ENOENT, "there is no $CREDENTIALS_DIRECTORY for x");
	(void)setenv("CREDENTIALS_DIRECTORY", "/tmp", 1);
	refused("credential=../x", -EINVAL, "'../x' is not the name of a credential");
	refused("credential=", -EINVAL, "'' is not the name of a credential");
	(void)unsetenv("CREDENTIALS_DIRECTORY");
}

static int host_key(const char *path, bool may_make, struct secret **secret, struct error *err)
{
	cleanup_with(state_key_freep) struct state_key *key = NULL;
	int r = state_key_from_host(path, &key, err);

	return r < 0 ? r : state_key_get(key, may_make, secret, err);
}

static void the_host_key_is_made_once_and_kept(void **state)
{
	cleanup_with(secret_freep) struct secret *first = NULL, *second = NULL, *third = NULL;
	const char *path = scratch_path("var/lib/host.key");
	struct error err;
	struct stat st;

	(void)state;
	assert_int_equal(host_key(path, false, &third, &err), -ENOKEY);
	assert_non_null(strstr(err.text, "/var/lib/host.key is gone: put it back"));
	assert_false(scratch_exists(scratch_path("var")));
	assert_int_equal(host_key(path, true, &first, NULL), 0);
	assert_int_equal(host_key(path, true, &second, NULL), 0);
	assert_int_equal(host_key(path, false, &third, NULL), 0);
	assert_memory_equal(first->bytes, second->bytes, KEY_SIZE);
	assert_memory_equal(first->bytes, third->bytes, KEY_SIZE);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(scratch_path("var/lib"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

/* As a root file system that is read-only, which a test cannot have. */
static void a_host_key_that_cannot_be_made_says_what_to_do(void **state)
{
	cleanup_with(secret_freep) struct secret *secret = NULL;
	struct error err;

	(void)state;
	assert_true(host_key("/proc/host.key", true, &secret, &err) < 0);
	assert_string_equal(err.text, "make the host key /proc/host.key (--key names another): "
				      "No such file or directory");
}

static void a_host_key_that_others_can_read_is_refused(void **state)
{
	cleanup_with(secret_freep) struct secret *secret = NULL;
	const char *path = scratch_path("host.key");
	struct error err;

	(void)state;
	assert_int_equal(host_key(path, true, &secret, NULL), 0);
	secret_free(take_ptr(secret));
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(host_key(path, true, &secret, &err), -EPERM);
	assert_non_null(strstr(err.text, "is open to others than its owner"));
	assert_int_equal(rename(path, scratch_path("real")), 0);
	assert_int_equal(chmod(scratch_path("real"), 0600), 0);
	assert_int_equal(symlink("real", path), 0);
	assert_int_equal(host_key(path, true, &secret, &err), -ELOOP);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(host_key(path, true, &secret, &err), -EISDIR);
	assert_null(secret);
}

static void processes_that_make_the_host_key_at_once_agree(void **state)
{
	cleanup_with(secret_freep) struct secret *ours = NULL;
	const char *path = scratch_path("dir/host.key");
	pid_t children[8];

	(void)state;
	for (int i = 0; i < 8; i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] == 0) {
			struct secret *theirs = NULL;
			char name[16];

			unit_child_begin();
			if (host_key(path, true, &theirs, NULL) < 0)
				_exit(1);
			(void)snprintf(name, sizeof(name), "key%d", i);
			scratch_write(scratch_path(name), theirs->bytes, KEY_SIZE);
			_exit(0);
		}
	}
	for (int i = 0; i < 8; i++) {
		int status;

		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(host_key(path, false, &ours, NULL), 0);
	for (int i = 0; i < 8; i++) {
		cleanup_free uint8_t *theirs = NULL;
		char name[16];
		size_t len;

		(void)snprintf(name, sizeof(name), "key%d", i);
		scratch_read(scratch_path(name), &theirs, &len);
		assert_memory_equal(ours->bytes, theirs, KEY_SIZE);
	}
}

static void making_the_host_key_fails_whole(void **state)
{
	const char *path = scratch_path("dir/host.key");

	(void)state;
	for (int n = 1;; n++) {
		cleanup_with(secret_freep) struct secret *secret = NULL;
		struct error err = { "" };
		bool failed;
		int r;

		fault_arm(n, EIO, NULL);
		r = host_key(path, true, &secret, &err);
		failed = fault_disarm();
		if (!failed) {
			assert_int_equal(r, 0);
			break;
		}
		if (r == 0) /* it was there already, or what failed was of no consequence */
			continue;
		assert_null(secret);
		assert_int_not_equal(strlen(err.text), 0);
	}
}

static void no_memory_is_an_error_like_any_other(void **state)
{
	const char *path = scratch_path("host.key");

	(void)state;
	for (int n = 1;; n++) {
		cleanup_with(secret_freep) struct secret *secret = NULL;
		bool failed;
		int r;

		fault_arm(n, ENOMEM, FAULT_ALLOCATIONS);
		r = host_key(path, true, &secret, NULL);
		failed = fault_disarm();
		if (!failed) {
			assert_int_equal(r, 0);
			break;
		}
		assert_int_equal(r, -ENOMEM);
		assert_null(secret);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_32_bytes_or_64_hex_digits),
		cmocka_unit_test(anything_else_is_no_key),
		cmocka_unit_test(a_password_is_all_bytes_but_one_newline),
		cmocka_unit_test_setup_teardown(a_spec_names_a_file_a_descriptor_or_a_credential,
						scratch_set_up, scratch_tear_down),
		cmocka_unit_test(each_mistake_in_a_spec_has_its_sentence),
		cmocka_unit_test_setup_teardown(the_host_key_is_made_once_and_kept, scratch_set_up,
						scratch_tear_down),
		cmocka_unit_test_setup_teardown(a_host_key_that_cannot_be_made_says_what_to_do,
						scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(a_host_key_that_others_can_read_is_refused,
						scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(processes_that_make_the_host_key_at_once_agree,
						scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(making_the_host_key_fails_whole, scratch_set_up,
						scratch_tear_down),
		cmocka_unit_test_setup_teardown(no_memory_is_an_error_like_any_other,
						scratch_set_up, scratch_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
