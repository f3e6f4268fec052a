/* SPDX-License-Identifier: BSD-3-Clause */
/* cuse/guard/leftovers.c, guard.c: what a server leaves is removed, however it ends. */
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cuse/guard/leftovers.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/log.h"

static int setup(void **state)
{
	(void)state;
	(void)scratch_make();
	scratch_write(scratch_path("one"), "1", 1);
	scratch_write(scratch_path("two"), "2", 1);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	(void)!chdir("/");
	scratch_remove();
	return 0;
}

static void the_end_removes_what_was_remembered(void **state)
{
	struct leftovers *leftovers;

	(void)state;
	assert_int_equal(leftovers_new(false, -1, &leftovers, NULL), 0);
	assert_int_equal(leftovers_add(leftovers, scratch_path("one"), NULL), 0);
	assert_true(scratch_exists(scratch_path("one")));
	leftovers_remove(leftovers);
	assert_false(scratch_exists(scratch_path("one")));
	assert_true(scratch_exists(scratch_path("two")));
	leftovers_remove(NULL);
}

static void a_relative_path_is_meant_from_where_it_was_given(void **state)
{
	struct leftovers *leftovers;

	(void)state;
	assert_int_equal(leftovers_new(false, -1, &leftovers, NULL), 0);
	assert_int_equal(chdir(scratch_path(".")), 0);
	assert_int_equal(leftovers_add(leftovers, "one", NULL), 0);
	assert_int_equal(chdir("/"), 0);
	leftovers_remove(leftovers);
	assert_false(scratch_exists(scratch_path("one")));
}

static void another_file_in_its_place_stays(void **state)
{
	struct leftovers *leftovers;

	(void)state;
	assert_int_equal(leftovers_new(false, -1, &leftovers, NULL), 0);
	assert_int_equal(leftovers_add(leftovers, scratch_path("one"), NULL), 0);
	assert_int_equal(rename(scratch_path("two"), scratch_path("one")), 0);
	leftovers_remove(leftovers);
	assert_true(scratch_exists(scratch_path("one")));
}

static void what_cannot_be_remembered_is_an_error(void **state)
{
	struct leftovers *leftovers;
	struct error err = { "" };
	char name[16], expected[600];
	int r = 0, n;

	(void)state;
	assert_int_equal(leftovers_new(false, -1, &leftovers, NULL), 0);
	assert_int_equal(leftovers_add(leftovers, scratch_path("none"), &err), -ENOENT);
	for (n = 0; n < 100 && r == 0; n++) {
		(void)snprintf(name, sizeof(name), "file%d", n);
		scratch_write(scratch_path(name), "", 0);
		r = leftovers_add(leftovers, scratch_path(name), &err);
	}
	/* Two nodes, an event log and a pid file have to fit. */
	assert_true(n > 4);
	assert_int_equal(r, -ENOSPC);
	(void)snprintf(expected, sizeof(expected), "remember %s: No space left on device",
		       scratch_path(name));
	assert_string_equal(err.text, expected);
	leftovers_remove(leftovers);
	assert_false(scratch_exists(scratch_path("file0")));
	assert_true(scratch_exists(scratch_path(name)));
}

static bool goes_within_seconds(const char *path)
{
	static const struct timespec pause = { .tv_nsec = 10000000 };

	for (int i = 0; i < 1000 && scratch_exists(path); i++)
		(void)nanosleep(&pause, NULL);
	return !scratch_exists(path);
}

/* A server that is watched over, and then killed. */
static _Noreturn void serve(int ready_fd, bool taken_over, int lock_fd)
{
	struct leftovers *leftovers;

	unit_child_begin();
	assert_int_equal(log_to_file(scratch_path("log"), NULL), 0);
	assert_int_equal(leftovers_new(true, lock_fd, &leftovers, NULL), 0);
	assert_int_equal(leftovers_add(leftovers, scratch_path("one"), NULL), 0);
	assert_int_equal(leftovers_end_with(leftovers, "tpm0", NULL), 0);
	/* Somebody has taken it over, and wants another file to be removed. */
	if (taken_over)
		(void)leftovers_add(leftovers, scratch_path("log"), NULL);
	assert_int_equal(write(ready_fd, "", 1), 1);
	for (;;)
		(void)pause();
}

/* Returns the ID that the server had. */
static pid_t kill_a_server(bool taken_over)
{
	int ends[2], status;
	pid_t child;
	char byte;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0)
		serve(ends[1], taken_over, -1);
	(void)close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	/* The guard holds nothing of the server's open: this pipe ends with the server. */
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(read(ends[0], &byte, 1), 0);
	(void)close(ends[0]);
	return child;
}

static void the_guard_removes_them_when_the_server_was_killed(void **state)
{
	(void)state;
	(void)kill_a_server(false);
	assert_true(goes_within_seconds(scratch_path("one")));
	assert_true(scratch_exists(scratch_path("two")));
}

static void the_guard_says_that_the_server_was_killed(void **state)
{
	char expected[96];
	uint8_t *data;
	pid_t pid;
	size_t len;

	(void)state;
	pid = kill_a_server(false);
	assert_true(goes_within_seconds(scratch_path("one")));
	(void)snprintf(expected, sizeof(expected),
		       "]: tpm0: process %d, which served it, was killed or has crashed\n",
		       (int)pid);
	scratch_read(scratch_path("log"), &data, &len);
	assert_non_null(strstr((const char *)data, expected));
	free(data);
}

static void who_takes_the_server_over_has_no_other_file_removed(void **state)
{
	(void)state;
	(void)kill_a_server(true);
	assert_true(goes_within_seconds(scratch_path("one")));
	assert_true(scratch_exists(scratch_path("log")));
}

/* The one child of the process CHILD. */
static pid_t child_of(pid_t child)
{
	char path[64];
	FILE *file;
	int pid = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)child, (int)child);
	file = fopen(path, "re");
	if (file != NULL) {
		(void)!fscanf(file, "%d", &pid);
		(void)fclose(file);
	}
	return (pid_t)pid;
}

/* The next server of that name does not begin before: its files are not met by what cleans up. */
static void the_lock_is_free_when_the_files_are_gone(void **state)
{
	int fd = open(scratch_path("."), O_RDONLY | O_DIRECTORY);
	int ends[2];
	pid_t child, guard;
	char byte;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		int lock_fd = open(scratch_path("."), O_RDONLY | O_DIRECTORY);

		assert_int_equal(flock(lock_fd, LOCK_EX), 0);
		serve(ends[1], false, lock_fd);
	}
	(void)close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	(void)close(ends[0]);
	guard = child_of(child);
	if (guard == 0) { /* a kernel without CONFIG_PROC_CHILDREN */
		(void)kill(child, SIGKILL);
		skip();
	}
	assert_int_equal(kill(guard, SIGSTOP), 0);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), -1);
	assert_int_equal(errno, EWOULDBLOCK);
	assert_true(scratch_exists(scratch_path("one")));
	assert_int_equal(kill(guard, SIGCONT), 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_false(scratch_exists(scratch_path("one")));
	(void)close(fd);
}

static bool has(pid_t pid, const char *file, const char *text)
{
	char path[64];
	cleanup_free char *line = NULL;
	size_t size = 0;
	FILE *in;
	bool found = false;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	in = fopen(path, "re");
	if (in == NULL)
		return false;
	while (!found && getline(&line, &size, in) > 0)
		found = strstr(line, text) != NULL;
	(void)fclose(in);
	return found;
}

/* Such a library may be in front of the C library's functions. */
static void the_guard_keeps_libraries_that_are_not_the_servers(void **state)
{
	static const struct timespec pause = { .tv_nsec = 10000000 };
	struct leftovers *leftovers;
	pid_t guard;

	(void)state;
	assert_int_equal(leftovers_new(true, -1, &leftovers, NULL), 0);
	guard = child_of(getpid());
	for (int i = 0; i < 1000 && !has(guard, "status", "Seccomp:\t2"); i++)
		(void)nanosleep(&pause, NULL);
	if (has(guard, "status", "Seccomp:\t2"))
		assert_true(has(guard, "maps", "/libcmocka."));
	leftovers_remove(leftovers);
}

static void who_ends_with_a_guard_leaves_nothing_when_it_has_ended(void **state)
{
	struct leftovers *leftovers;

	(void)state;
	assert_int_equal(leftovers_new(true, -1, &leftovers, NULL), 0);
	assert_int_equal(leftovers_add(leftovers, scratch_path("one"), NULL), 0);
	assert_int_equal(leftovers_add(leftovers, scratch_path("two"), NULL), 0);
	assert_int_equal(leftovers_end_with(leftovers, "tpm0", NULL), 0);
	leftovers_remove(leftovers);
	assert_false(scratch_exists(scratch_path("one")));
	assert_false(scratch_exists(scratch_path("two")));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_end_removes_what_was_remembered, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_relative_path_is_meant_from_where_it_was_given,
						setup, teardown),
		cmocka_unit_test_setup_teardown(another_file_in_its_place_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(what_cannot_be_remembered_is_an_error, setup,
						teardown),
		cmocka_unit_test_setup_teardown(the_guard_removes_them_when_the_server_was_killed,
						setup, teardown),
		cmocka_unit_test_setup_teardown(the_lock_is_free_when_the_files_are_gone, setup,
						teardown),
		cmocka_unit_test_setup_teardown(the_guard_says_that_the_server_was_killed, setup,
						teardown),
		cmocka_unit_test_setup_teardown(who_takes_the_server_over_has_no_other_file_removed,
						setup, teardown),
		cmocka_unit_test_setup_teardown(the_guard_keeps_libraries_that_are_not_the_servers,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			who_ends_with_a_guard_leaves_nothing_when_it_has_ended, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
