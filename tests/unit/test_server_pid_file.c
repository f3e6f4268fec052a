/* SPDX-License-Identifier: BSD-3-Clause */
/* runtime/server/pid_file.c: which process is a server that no lease knows. */
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/host/process.h"
#include "runtime/server/pid_file.h"

/* A word of our own command line stands for a server's name. */
static const char own_name[] = "tpm-self";

static void a_process_that_has_the_name_is_found(void **state)
{
	struct process process;
	struct stat st;
	char *file;

	(void)state;
	assert_int_equal(server_pid_file_write(scratch_path("."), own_name), 0);
	assert_int_equal(server_pid_file_read(scratch_path("."), own_name, &process), 0);
	assert_int_equal(process.pid, getpid());
	assert_true(process.start > 0);
	assert_true(asprintf(&file, "%s.pid", scratch_path(own_name)) > 0);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	free(file);
}

static void another_that_has_the_number_now_is_not_taken_for_it(void **state)
{
	struct process process;

	(void)state;
	assert_int_equal(server_pid_file_write(scratch_path("."), "tpm-x"), 0);
	assert_int_equal(server_pid_file_read(scratch_path("."), "tpm-x", &process), -ESRCH);
	scratch_write(scratch_path("tpm-y.pid"), "text\n", 5);
	assert_int_equal(server_pid_file_read(scratch_path("."), "tpm-y", &process), -ESRCH);
	assert_int_equal(server_pid_file_read(scratch_path("."), "none", &process), -ESRCH);
}

static void a_file_that_cannot_be_written_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(server_pid_file_write(scratch_path("none"), "tpm-x"), -ENOENT);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_process_that_has_the_name_is_found,
						scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(another_that_has_the_number_now_is_not_taken_for_it,
						scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(a_file_that_cannot_be_written_is_an_error,
						scratch_set_up, scratch_tear_down),
	};

	if (strcmp(argv[argc - 1], own_name) != 0) {
		(void)execl("/proc/self/exe", argv[0], own_name, NULL);
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
