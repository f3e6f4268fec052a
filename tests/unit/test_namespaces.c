/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cuse/sandbox/namespaces.h"
#include "tests/unit/scratch.h"
#include "util/cleanup.h"
#include "util/dir.h"
#include "util/error.h"

#define FILES_AND_IPC (CLONE_NEWNS | CLONE_NEWIPC)

static int parsed(const char *text)
{
	int kinds;

	assert_int_equal(namespaces_parse(text, &kinds, NULL), 0);
	return kinds;
}

static void a_list_names_kinds(void **state)
{
	(void)state;
	assert_int_equal(parsed("mount"), CLONE_NEWNS);
	assert_int_equal(parsed("net,mount"), CLONE_NEWNET | CLONE_NEWNS);
	assert_int_equal(parsed("all"), CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET);
	assert_int_equal(parsed("none"), 0);
	assert_int_equal(parsed(NAMESPACES_DEFAULT), CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS);
}

static void what_is_no_kind_is_refused(void **state)
{
	static const char *const wrong[] = { "",           ",",       "mount,",    "mounts",
					     "none,mount", "all,uts", "mount ipc", "user" };
	int kinds;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct error err;
		char expected[128];

		assert_int_equal(namespaces_parse(wrong[i], &kinds, &err), -EINVAL);
		(void)snprintf(expected, sizeof(expected),
			       "'%s' is not all, none or a list of mount,ipc,uts,net", wrong[i]);
		assert_string_equal(err.text, expected);
	}
}

static void kinds_are_told_as_a_list(void **state)
{
	char text[NAMESPACES_TEXT_SIZE];

	(void)state;
	namespaces_text(parsed("all"), text);
	assert_string_equal(text, "mount,ipc,uts,net");
	namespaces_text(CLONE_NEWUTS, text);
	assert_string_equal(text, "uts");
	namespaces_text(0, text);
	assert_string_equal(text, "");
}

/* Returns 255 where the test itself cannot go on. */
static int within(int kinds, int (*before)(void), int (*look)(int held))
{
	pid_t child = fork();
	int status, made;

	if (child == 0) {
		int held = open(scratch_path("held"), O_RDONLY | O_CLOEXEC);

		if (before() != 0 || namespaces_enter(kinds, &made, NULL) < 0 || made != kinds)
			_exit(255);
		_exit(look(held));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int as_it_is(void)
{
	return 0;
}

/* A root directory that is no mount of its own, as what a machine was booted from in memory. */
static int in_another_root(void)
{
	return chdir(scratch_path(".")) < 0 || chroot(".") < 0;
}

static bool is_empty(const char *path)
{
	cleanup_close int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_with(closedirp) DIR *entries = open_entries(fd);
	size_t count = 0;

	while (entries != NULL && readdir(entries) != NULL)
		count++;
	return count == 2;
}

/* Returns what is wrong, as a number. */
static int look_at_files(int held)
{
	char byte;

	if (!is_empty("/") || !is_empty(".") || !is_empty("../.."))
		return 1;
	if (open("/new", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0 || errno != EROFS)
		return 2;
	return read(held, &byte, 1) == 1 ? 0 : 3;
}

static int look_at_network(int held)
{
	struct if_nameindex *all = if_nameindex();
	int wrong = all == NULL || strcmp(all[0].if_name, "lo") != 0 || all[1].if_index != 0;

	(void)held;
	if_freenameindex(all);
	return wrong;
}

static int look_at_nothing(int held)
{
	return held < 0;
}

/* A user namespace's root may not, nor may a service under systemd. */
static void need_privileges(void)
{
	if (within(FILES_AND_IPC, as_it_is, look_at_nothing) != 0)
		skip();
}

static void the_root_directory_is_empty_and_what_is_open_stays_open(void **state)
{
	(void)state;
	need_privileges();
	assert_int_equal(within(FILES_AND_IPC, as_it_is, look_at_files), 0);
}

static void a_root_directory_that_cannot_be_taken_away_is_left(void **state)
{
	(void)state;
	need_privileges();
	assert_int_equal(within(CLONE_NEWNS, in_another_root, look_at_files), 0);
}

static void the_only_interface_of_a_new_network_is_lo(void **state)
{
	(void)state;
	need_privileges();
	assert_int_equal(within(CLONE_NEWNET, as_it_is, look_at_network), 0);
}

static void who_may_make_none_keeps_what_there_is(void **state)
{
	int status, made = 1;
	pid_t child;

	(void)state;
	if (geteuid() != 0)
		skip();
	child = fork();
	if (child == 0) {
		if (setresuid(4000000001U, 4000000001U, 4000000001U) != 0 ||
		    namespaces_enter(FILES_AND_IPC, &made, NULL) != 0)
			_exit(255);
		_exit(made != 0 || is_empty("/"));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int set_up(void **state)
{
	(void)scratch_set_up(state);
	scratch_write(scratch_path("held"), "bytes", 5);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_names_kinds),
		cmocka_unit_test(what_is_no_kind_is_refused),
		cmocka_unit_test(kinds_are_told_as_a_list),
		cmocka_unit_test(the_root_directory_is_empty_and_what_is_open_stays_open),
		cmocka_unit_test(a_root_directory_that_cannot_be_taken_away_is_left),
		cmocka_unit_test(the_only_interface_of_a_new_network_is_lo),
		cmocka_unit_test(who_may_make_none_keeps_what_there_is),
	};

	return cmocka_run_group_tests(tests, set_up, scratch_tear_down);
}
