/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "util/error.h"
#include "util/log.h"

static int saved_stderr;

static int setup(void **state)
{
	(void)state;
	(void)scratch_make();
	saved_stderr = dup(STDERR_FILENO);
	(void)unsetenv("JOURNAL_STREAM");
	return saved_stderr < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	(void)dup2(saved_stderr, STDERR_FILENO);
	(void)close(saved_stderr);
	(void)unsetenv("JOURNAL_STREAM");
	scratch_remove();
	return 0;
}

/* From here on standard error is the file NAME. */
static void redirect(const char *name)
{
	int fd = open(scratch_path(name), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	assert_true(dup2(fd, STDERR_FILENO) >= 0);
	(void)close(fd);
}

static void assert_logged(const char *name, const char *expected)
{
	uint8_t *data;
	size_t len;

	scratch_read(scratch_path(name), &data, &len);
	assert_string_equal((const char *)data, expected);
	free(data);
}

static void a_line_begins_with_the_program(void **state)
{
	(void)state;
	redirect("log");
	log_init("program", LOG_LEVEL_INFO);
	errno = EDOM;
	log_err("%s: %d", "tpm0", 7);
	assert_int_equal(errno, EDOM);
	log_info("stopping");
	log_debug("not wanted");
	log_init("program", LOG_LEVEL_DEBUG);
	log_debug("wanted");
	assert_logged("log", "program: tpm0: 7\nprogram: stopping\nprogram: wanted\n");
}

static void a_line_that_is_too_long_is_cut(void **state)
{
	char text[2000], expected[512];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	redirect("log");
	log_init("p", LOG_LEVEL_INFO);
	log_err("%s", text);
	memset(expected, 'x', sizeof(expected));
	memcpy(expected, "p: ", 3);
	memcpy(expected + 510, "\n", 2);
	assert_logged("log", expected);
}

static void the_journal_gets_its_prefixes_on_its_own_stream_only(void **state)
{
	char stream[64];
	struct stat st;

	(void)state;
	redirect("log");
	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	(void)snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)st.st_dev,
		       (unsigned long long)st.st_ino);
	assert_int_equal(setenv("JOURNAL_STREAM", stream, 1), 0);
	log_init("program", LOG_LEVEL_DEBUG);
	log_err("e");
	log_warn("w");
	log_info("i");
	log_debug("d");
	assert_int_equal(setenv("JOURNAL_STREAM", "1:2", 1), 0);
	log_init("program", LOG_LEVEL_DEBUG);
	log_err("other");
	assert_int_equal(setenv("JOURNAL_STREAM", "x", 1), 0);
	log_init("program", LOG_LEVEL_DEBUG);
	log_err("none");
	assert_logged("log", "<3>e\n<4>w\n<6>i\n<7>d\nprogram: other\nprogram: none\n");
}

/* The last of the tests: there is no way back from a file. */
static void a_log_file_has_times_and_no_other_readers(void **state)
{
	unsigned int year, pid;
	struct error err;
	uint8_t *data;
	size_t len;
	struct stat st;
	int end = 0;

	(void)state;
	assert_int_equal(log_to_file(scratch_path("no/log"), &err), -ENOENT);
	assert_int_equal(symlink("elsewhere", scratch_path("link")), 0);
	assert_int_equal(log_to_file(scratch_path("link"), &err), -ELOOP);
	assert_false(scratch_exists(scratch_path("elsewhere")));

	log_init("program", LOG_LEVEL_INFO);
	scratch_write(scratch_path("file"), "before\n", 7);
	assert_int_equal(log_to_file(scratch_path("file"), NULL), 0);
	log_info("x");
	scratch_read(scratch_path("file"), &data, &len);
	assert_int_equal(sscanf((const char *)data,
				"before\n%4u-%*2u-%*2uT%*2u:%*2u:%*2uZ program[%u]: x%n", &year,
				&pid, &end),
			 2);
	assert_int_equal(end + 1, len);
	assert_int_equal(pid, getpid());
	free(data);

	(void)unlink(scratch_path("file"));
	assert_int_equal(log_to_file(scratch_path("file"), NULL), 0);
	assert_int_equal(stat(scratch_path("file"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

/* Who listens as the system log does. */
static int system_log(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* A pipe of the caller's would never end otherwise. */
static void lines_that_go_nowhere_keep_no_descriptor(void)
{
	int ends[2];
	char byte;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	log_use_system();
	log_move_to(ends[1]);
	log_err("nothing");
	assert_int_equal(read(ends[0], &byte, 1), 0);
	(void)close(ends[0]);
}

/* The last test: what it changes stays. */
static void lines_go_to_the_system_log_when_standard_error_is_given_up(void **state)
{
	char expected[64], line[64] = "";
	int fd;

	(void)state;
	log_use_system();
	assert_int_equal(log_open_system(scratch_path("none")), -ENOENT);
	lines_that_go_nowhere_keep_no_descriptor();
	fd = system_log(scratch_path("system"));
	assert_int_equal(log_open_system(scratch_path("system")), 0);
	assert_int_equal(recv(fd, line, sizeof(line), MSG_DONTWAIT), -1);
	log_use_system();
	log_move_to(STDERR_FILENO);
	log_err("x: %d", 1);
	(void)snprintf(expected, sizeof(expected), "<27>program[%d]: x: 1\n", getpid());
	assert_int_equal(recv(fd, line, sizeof(line) - 1, MSG_DONTWAIT), strlen(expected));
	assert_string_equal(line, expected);
	(void)close(fd);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_line_begins_with_the_program, setup, teardown),
		cmocka_unit_test_setup_teardown(a_line_that_is_too_long_is_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(
			the_journal_gets_its_prefixes_on_its_own_stream_only, setup, teardown),
		cmocka_unit_test_setup_teardown(a_log_file_has_times_and_no_other_readers, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			lines_go_to_the_system_log_when_standard_error_is_given_up, setup,
			teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
