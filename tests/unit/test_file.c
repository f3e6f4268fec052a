/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/faults.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/error.h"
#include "util/file.h"

static size_t wiped;

void __real_explicit_bzero(void *bytes, size_t len);
void __wrap_explicit_bzero(void *bytes, size_t len);
void __wrap_explicit_bzero(void *bytes, size_t len)
{
	wiped += len;
	__real_explicit_bzero(bytes, len);
}

/* What the other one is when it is fortified. */
void __wrap___explicit_bzero_chk(void *bytes, size_t len, size_t room);
void __wrap___explicit_bzero_chk(void *bytes, size_t len, size_t room)
{
	assert_true(len <= room);
	__wrap_explicit_bzero(bytes, len);
}

static int teardown(void **state)
{
	(void)fault_disarm();
	return scratch_tear_down(state);
}

static int scratch_fd(void)
{
	int fd = open(scratch_path("."), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);

	assert_true(fd >= 0);
	return fd;
}

static void assert_content(const char *name, const char *expected)
{
	uint8_t *data;
	size_t len;

	scratch_read(scratch_path(name), &data, &len);
	assert_int_equal(len, strlen(expected));
	assert_memory_equal(data, expected, len);
	free(data);
}

/* What a limit leaves of a write is short; what follows goes behind it, and fails. */
static void the_rest_of_a_short_write_goes_behind_it(void **state)
{
	struct rlimit before, four;
	int fd, r;

	(void)state;
	fd = open(scratch_path("short"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	four = (struct rlimit){ .rlim_cur = 4, .rlim_max = before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &four), 0);
	r = pwrite_all(fd, "abcdef", 6, 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(r, -EFBIG);
	assert_content("short", "abcd");
	(void)close(fd);
}

static void a_full_read_ends_at_the_end_of_the_file(void **state)
{
	char data[16];
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write_all(ends[1], "abcdef", 6), 0);
	assert_int_equal(read_full(ends[0], data, 4), 4);
	(void)close(ends[1]);
	assert_int_equal(read_full(ends[0], data, sizeof(data)), 2);
	assert_memory_equal(data, "ef", 2);
	assert_int_equal(read_full(ends[0], data, sizeof(data)), 0);
	(void)close(ends[0]);
	assert_int_equal(read_full(ends[0], data, sizeof(data)), -EBADF);
	assert_int_equal(write_all(ends[0], "a", 1), -EBADF);
}

static void reads_and_writes_go_on_after_a_signal(void **state)
{
	char data[4];
	int fd = open(scratch_path("file"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	(void)state;
	fault_arm(1, EINTR, "pwrite");
	assert_int_equal(pwrite_all(fd, "abcd", 4, 2), 0);
	assert_true(fault_disarm());
	fault_arm(1, EINTR, "pread");
	assert_int_equal(pread_full(fd, data, 4, 3), 3);
	assert_true(fault_disarm());
	assert_memory_equal(data, "bcd", 3);
	fault_arm(1, EIO, "pread");
	assert_int_equal(pread_full(fd, data, 4, 3), -EIO);
	fault_arm(1, ENOSPC, "pwrite");
	assert_int_equal(pwrite_all(fd, "abcd", 4, 2), -ENOSPC);
	(void)close(fd);
}

static void a_file_is_read_whole_up_to_a_limit(void **state)
{
	char *text = NULL;
	size_t len;
	int dir_fd = scratch_fd();

	(void)state;
	scratch_write(scratch_path("file"), "12345", 5);
	assert_int_equal(read_file(dir_fd, "file", 5, &text, &len), 0);
	assert_string_equal(text, "12345");
	assert_int_equal(len, 5);
	free(text);
	text = NULL;
	wiped = 0;
	assert_int_equal(read_file(dir_fd, "file", 4, &text, &len), -EFBIG);
	assert_int_equal(wiped, 5); /* it could be a key */
	assert_int_equal(read_file(dir_fd, "other", 4, &text, &len), -ENOENT);
	fault_arm(1, EIO, "read");
	assert_int_equal(read_file(dir_fd, "file", 5, &text, NULL), -EIO);
	fault_arm(1, ENOMEM, "malloc");
	assert_int_equal(read_file(dir_fd, "file", 5, &text, NULL), -ENOMEM);
	assert_null(text);
	(void)close(dir_fd);
}

static void make_odd_things(void)
{
	scratch_write(scratch_path("file"), "12345", 5);
	assert_int_equal(symlink("file", scratch_path("link")), 0);
	assert_int_equal(symlink("gone", scratch_path("dangling")), 0);
	assert_int_equal(mkfifo(scratch_path("fifo"), 0600), 0);
	assert_int_equal(mkdir(scratch_path("dir"), 0700), 0);
}

/* Nobody ever writes to the FIFO: who waits for that is killed by the alarm. */
static void what_is_no_file_is_said_so_and_not_waited_for(void **state)
{
	int dir_fd = scratch_fd();
	char *text = NULL;
	struct error err;

	(void)state;
	make_odd_things();
	(void)alarm(60);
	assert_int_equal(read_file(dir_fd, "fifo", 5, &text, NULL), -ENOTREG);
	assert_int_equal(read_file(dir_fd, "dir", 5, &text, NULL), -EISDIR);
	assert_int_equal(read_file(dir_fd, "link", 5, &text, NULL), -ELOOP);
	assert_int_equal(open_regular(dir_fd, "fifo", O_RDWR), -ENOTREG);
	assert_int_equal(open_regular(dir_fd, "fifo", O_WRONLY), -ENOTREG);
	assert_int_equal(open_regular(dir_fd, "dangling", O_RDWR | O_CREAT), -ELOOP);
	assert_int_equal(read_path(scratch_path("fifo"), 5, &text, NULL), -ENOTREG);
	assert_int_equal(read_path(scratch_path("dir"), 5, &text, NULL), -EISDIR);
	assert_int_equal(read_path(scratch_path("dangling"), 5, &text, NULL), -ENOENT);
	assert_int_equal(read_path("/dev/zero", 5, &text, NULL), -ENOTREG);
	assert_null(text);
	(void)alarm(0);
	(void)error_set(&err, ENOTREG, "read x");
	assert_string_equal(err.text, "read x: Not a regular file");
	(void)close(dir_fd);
}

static void a_user_may_name_a_link_or_a_pipe_of_the_shell(void **state)
{
	char path[32], *text = NULL;
	int ends[2];

	(void)state;
	make_odd_things();
	assert_int_equal(read_path(scratch_path("link"), 5, &text, NULL), 0);
	assert_string_equal(text, "12345");
	free(text);

	assert_int_equal(pipe(ends), 0);
	(void)snprintf(path, sizeof(path), "/dev/fd/%d", ends[0]);
	assert_int_equal(write_all(ends[1], "by pipe", 7), 0);
	(void)close(ends[1]);
	assert_int_equal(read_path(path, 7, &text, NULL), 0);
	assert_string_equal(text, "by pipe");
	free(text);
	(void)close(ends[0]);
}

static void a_file_is_replaced_as_a_whole(void **state)
{
	mode_t saved = umask(077);
	struct stat st;
	int dir_fd = scratch_fd();

	(void)state;
	scratch_write(scratch_path("file"), "old", 3);
	assert_int_equal(replace_file(dir_fd, "file", "new one", 7, 0644), 0);
	assert_content("file", "new one");
	assert_int_equal(stat(scratch_path("file"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	assert_int_equal(create_file(dir_fd, "file", "another", 7, 0600), -EEXIST);
	assert_content("file", "new one");
	assert_int_equal(create_file(dir_fd, "other", "another", 7, 0600), 0);
	assert_content("other", "another");
	(void)umask(saved);
	(void)close(dir_fd);
}

static void what_is_no_regular_file_is_written_to(void **state)
{
	char data[8] = "";
	struct stat st;
	int fd;

	(void)state;
	assert_int_equal(write_output(scratch_path("file"), "new", 3, 0640), 0);
	assert_int_equal(symlink("file", scratch_path("link")), 0);
	assert_int_equal(write_output(scratch_path("link"), "by", 2, 0600), 0);
	assert_content("file", "by");
	assert_int_equal(lstat(scratch_path("link"), &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(lstat(scratch_path("file"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);

	assert_int_equal(mkfifo(scratch_path("fifo"), 0600), 0);
	fd = open(scratch_path("fifo"), O_RDWR | O_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(write_output(scratch_path("fifo"), "through", 7, 0600), 0);
	assert_int_equal(read_full(fd, data, 7), 7);
	assert_string_equal(data, "through");
	(void)close(fd);

	assert_int_equal(write_output(scratch_path("."), "new", 3, 0600), -EISDIR);
	assert_int_equal(write_output(scratch_path("no/file"), "new", 3, 0600), -ENOENT);
}

/* What a failed CALL keeps from happening, done by WRITE, must not have happened; NULL: no file. */
static void assert_needs(const char *call,
			 int (*write)(int, const char *, const void *, size_t, mode_t),
			 const char *then)
{
	int dir_fd = scratch_fd();

	fault_arm(1, EIO, call);
	assert_int_equal(write(dir_fd, "file", "new", 3, 0600), -EIO);
	assert_true(fault_disarm());
	if (then != NULL)
		assert_content("file", then);
	else
		assert_false(scratch_exists(scratch_path("file")));
	(void)close(dir_fd);
}

/* First the bytes, then the name, then the directory that has the name: so a power loss finds the
 * old file or the new one. */
static void a_name_follows_its_bytes_to_the_disk_and_is_waited_for(void **state)
{
	(void)state;
	scratch_write(scratch_path("file"), "old", 3);
	assert_needs("fdatasync", replace_file, "old");
	assert_needs("fsync", replace_file, "new");
	for (int lacking = 0; lacking <= 1; lacking++) {
		fault_no_tmpfile(lacking);
		(void)unlink(scratch_path("file"));
		assert_needs("fdatasync", create_file, NULL);
		assert_needs("fsync", create_file, "new");
	}
	fault_no_tmpfile(false);
}

static void a_failed_creation_leaves_nothing_but_the_whole_file(void **state)
{
	int dir_fd = scratch_fd();

	(void)state;
	for (int lacking = 0; lacking <= 1; lacking++) {
		const uint64_t before = scratch_digest(scratch_path("."));
		int failures = 0;

		fault_no_tmpfile(lacking);
		for (int n = 1;; n++) {
			int r;

			fault_arm(n, EIO, NULL);
			r = create_file(dir_fd, "file", "new", 3, 0600);
			if (!fault_disarm()) {
				assert_int_equal(r, 0);
				break;
			}
			failures++;
			assert_int_equal(r, -EIO);
			if (scratch_exists(scratch_path("file"))) {
				assert_content("file", "new");
				(void)unlink(scratch_path("file"));
			}
			assert_true(scratch_digest(scratch_path(".")) == before);
		}
		assert_true(failures >= 5);
		assert_content("file", "new");
		(void)unlink(scratch_path("file"));
	}
	fault_no_tmpfile(false);
	(void)close(dir_fd);
}

static void a_failed_replacement_leaves_the_old_file_alone(void **state)
{
	int dir_fd = scratch_fd(), failures = 0;
	uint64_t before;

	(void)state;
	scratch_write(scratch_path("file"), "old", 3);
	before = scratch_digest(scratch_path("."));
	for (int n = 1;; n++) {
		int r;

		fault_arm(n, EIO, NULL);
		r = replace_file(dir_fd, "file", "new", 3, 0600);
		if (!fault_disarm()) {
			assert_int_equal(r, 0);
			break;
		}
		failures++;
		assert_int_equal(r, -EIO);
		/* The last call makes the new name durable: it is there already. */
		if (scratch_digest(scratch_path(".")) != before)
			assert_content("file", "new");
	}
	assert_true(failures >= 4);
	assert_content("file", "new");
	(void)close(dir_fd);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_full_read_ends_at_the_end_of_the_file,
						scratch_set_up, teardown),
		cmocka_unit_test_setup_teardown(the_rest_of_a_short_write_goes_behind_it,
						scratch_set_up, teardown),
		cmocka_unit_test_setup_teardown(reads_and_writes_go_on_after_a_signal,
						scratch_set_up, teardown),
		cmocka_unit_test_setup_teardown(a_file_is_read_whole_up_to_a_limit, scratch_set_up,
						teardown),
		cmocka_unit_test_setup_teardown(what_is_no_file_is_said_so_and_not_waited_for,
						scratch_set_up, teardown),
		cmocka_unit_test_setup_teardown(a_user_may_name_a_link_or_a_pipe_of_the_shell,
						scratch_set_up, teardown),
		cmocka_unit_test_setup_teardown(
			a_name_follows_its_bytes_to_the_disk_and_is_waited_for, scratch_set_up,
			teardown),
		cmocka_unit_test_setup_teardown(a_file_is_replaced_as_a_whole, scratch_set_up,
						teardown),
		cmocka_unit_test_setup_teardown(what_is_no_regular_file_is_written_to,
						scratch_set_up, teardown),
		cmocka_unit_test_setup_teardown(a_failed_creation_leaves_nothing_but_the_whole_file,
						scratch_set_up, teardown),
		cmocka_unit_test_setup_teardown(a_failed_replacement_leaves_the_old_file_alone,
						scratch_set_up, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
