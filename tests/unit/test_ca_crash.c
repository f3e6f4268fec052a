/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A process that makes a CA is killed at every system call. Who comes next has a CA that works, and
 * a directory without a copy of a key that nobody knows of.
 */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "certs/ca/ca.h"
#include "tests/unit/factory_fixture.h"
#include "tests/unit/faults.h"
#include "tests/unit/go_rules.h"
#include "tests/unit/kill_at.h"

static int open_ca(const char *dir)
{
	const struct ca_options options = { .dir = dir, .key_type = KEY_P256 };
	struct ca *ca = NULL;
	int r = ca_open(&options, &ca, NULL);

	if (r == 0)
		assert_null(go_rules_broken(ca_chain(ca)));
	ca_close(ca);
	return r;
}

static void victim(const char *dir)
{
	kill_at_begin();
	_exit(open_ca(dir) == 0 ? 0 : 1);
}

static bool is_of_a_ca(const char *name)
{
	static const char *const names[] = { ".",
					     "..",
					     ".lock",
					     "root-key.pem",
					     "root-cert.pem",
					     "issuing-key.pem",
					     "issuing-cert.pem" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	/* The last file makes the CA complete, which is swept no more; and it is for everybody. */
	return strncmp(name, ".issuing-cert.pem.", 18) == 0;
}

static void assert_nothing_else(const char *path, int n)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (!is_of_a_ca(entry->d_name))
			fail_msg("%s is left by a kill at %d", entry->d_name, n);
	}
	(void)closedir(dir);
}

static void kill_everywhere(struct fixture *fixture)
{
	bool reached = true;
	int n;

	for (n = 0; reached; n++) {
		char dir[96];
		pid_t child;

		(void)snprintf(dir, sizeof(dir), "%s/%d", fixture->dir, n);
		child = fork();
		if (child == 0)
			victim(dir);
		reached = kill_at(child, n);
		assert_int_equal(open_ca(dir), 0);
		assert_nothing_else(dir, n);
	}
	print_message("killed at %d places\n", n);
	assert_true(n > 50);
}

static void a_kill_leaves_no_copy_of_a_key(void **state)
{
	kill_at_or_skip();
	kill_everywhere(*state);
}

static void nor_does_it_where_files_have_names_from_the_start(void **state)
{
	kill_at_or_skip();
	fault_no_tmpfile(true);
	kill_everywhere(*state);
	fault_no_tmpfile(false);
}

/* How often the call is made while a CA is; each that fails is a CA that is not made. */
static int count_needed(const struct fixture *fixture, const char *call)
{
	char dir[96];
	int n;

	for (n = 1;; n++) {
		int r;

		(void)snprintf(dir, sizeof(dir), "%s/%s-%d", fixture->dir, call, n);
		fault_arm(n, EIO, call);
		r = open_ca(dir);
		if (!fault_disarm())
			break;
		assert_int_equal(r, -EIO);
		assert_int_equal(open_ca(dir), 0);
	}
	return n - 1;
}

static void a_ca_is_on_disk_before_it_is_used(void **state)
{
	/* Two keys and two certificates; their directory for each, and the one above it. */
	assert_int_equal(count_needed(*state, "fdatasync"), 4);
	assert_int_equal(count_needed(*state, "fsync"), 5);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(a_kill_leaves_no_copy_of_a_key),
		TEST(a_ca_is_on_disk_before_it_is_used),
		TEST(nor_does_it_where_files_have_names_from_the_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
