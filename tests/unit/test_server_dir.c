/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "util/server_dir.h"

static int setup(void **state)
{
	(void)state;
	(void)scratch_make();
	assert_int_equal(mkdir(scratch_path("tpm0.d"), 0711), 0);
	scratch_write(scratch_path("tpm0.d/ctl"), "", 0);
	return 0;
}

/* The longest name that has a path of its own, and one more. */
static void a_name_is_whole_as_long_as_the_address_has_room(void **state)
{
	const size_t most =
		sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1 - strlen(SERVERS_DIR "/.d/ctl");
	char name[NAME_MAX + 1], dir[NAME_MAX + 1];

	(void)state;
	server_dir_name("tpm0", dir);
	assert_string_equal(dir, "tpm0.d");
	memset(name, 'x', sizeof(name));
	name[most] = '\0';
	server_dir_name(name, dir);
	assert_int_equal(strlen(dir), most + 2);
	name[most] = 'x';
	name[most + 1] = '\0';
	server_dir_name(name, dir);
	assert_int_equal(strlen(dir), 48 + 1 + 16 + 2);
	assert_memory_equal(dir, name, 48);
}

static void what_nobody_has_locked_is_removed(void **state)
{
	(void)state;
	assert_int_equal(server_dir_remove(scratch_path("."), "tpm0"), 0);
	assert_false(scratch_exists(scratch_path("tpm0.d")));
	assert_int_equal(server_dir_remove(scratch_path("."), "tpm0"), -ENOENT);
	assert_int_equal(server_dir_remove(scratch_path("none"), "tpm0"), -ENOENT);
}

static void what_a_server_has_stays(void **state)
{
	int fd = open(scratch_path("tpm0.d"), O_RDONLY | O_DIRECTORY);

	(void)state;
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(server_dir_remove(scratch_path("."), "tpm0"), -EWOULDBLOCK);
	assert_true(scratch_exists(scratch_path("tpm0.d/ctl")));
	(void)close(fd);
}

static void what_is_no_socket_stays(void **state)
{
	(void)state;
	scratch_write(scratch_path("tpm0.d/other"), "", 0);
	assert_int_equal(server_dir_remove(scratch_path("."), "tpm0"), -ENOTEMPTY);
	assert_true(scratch_exists(scratch_path("tpm0.d/other")));
	assert_int_equal(unlink(scratch_path("tpm0.d/other")), 0);
	assert_int_equal(rename(scratch_path("tpm0.d"), scratch_path("elsewhere")), 0);
	assert_int_equal(symlink("elsewhere", scratch_path("tpm0.d")), 0);
	scratch_write(scratch_path("elsewhere/ctl"), "", 0);
	assert_int_equal(server_dir_remove(scratch_path("."), "tpm0"), -ENOTDIR);
	assert_true(scratch_exists(scratch_path("elsewhere/ctl")));
}

static void the_empty_ones_are_pruned(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(mkdir(scratch_path("empty.d"), 0711), 0);
	assert_int_equal(mkdir(scratch_path("other"), 0711), 0);
	assert_int_equal(mkdir(scratch_path("locked.d"), 0711), 0);
	fd = open(scratch_path("locked.d"), O_RDONLY | O_DIRECTORY);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	server_dirs_prune(scratch_path("."));
	server_dirs_prune(scratch_path("none"));
	assert_false(scratch_exists(scratch_path("empty.d")));
	assert_true(scratch_exists(scratch_path("other")));
	assert_true(scratch_exists(scratch_path("locked.d")));
	assert_true(scratch_exists(scratch_path("tpm0.d/ctl")));
	(void)close(fd);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_whole_as_long_as_the_address_has_room),
		cmocka_unit_test_setup_teardown(what_nobody_has_locked_is_removed, setup,
						scratch_tear_down),
		cmocka_unit_test_setup_teardown(what_a_server_has_stays, setup, scratch_tear_down),
		cmocka_unit_test_setup_teardown(what_is_no_socket_stays, setup, scratch_tear_down),
		cmocka_unit_test_setup_teardown(the_empty_ones_are_pruned, setup,
						scratch_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
