/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/dir.h"
#include "util/error.h"

static int sync_error;
int __real_fsync(int fd);
int __wrap_fsync(int fd);

int __wrap_fsync(int fd)
{
	if (sync_error == 0)
		return __real_fsync(fd);
	errno = sync_error;
	return -1;
}

static void directories_are_made_when_they_are_missing(void **state)
{
	struct error err = { "" };
	mode_t saved = umask(077);
	struct stat st;
	char expected[600];
	int fd;

	(void)state;
	assert_int_equal(open_dir(scratch_path("one"), 0700, &fd, NULL), 0);
	(void)close(fd);
	assert_int_equal(open_dir(scratch_path("one"), 0700, &fd, NULL), 0);
	(void)close(fd);
	assert_int_equal(open_dir(scratch_path("no/one"), 0700, &fd, &err), -ENOENT);
	(void)snprintf(expected, sizeof(expected), "make directory %s: No such file or directory",
		       scratch_path("no/one"));
	assert_string_equal(err.text, expected);

	assert_int_equal(open_dir_all(scratch_path("a/b/c"), 0700, &fd, NULL), 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	(void)close(fd);
	assert_int_equal(stat(scratch_path("a/b"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0755);

	scratch_write(scratch_path("file"), "", 0);
	assert_int_equal(open_dir(scratch_path("file"), 0700, &fd, NULL), -ENOTDIR);
	assert_int_equal(open_dir_all(scratch_path("file/b"), 0700, &fd, NULL), -ENOTDIR);
	assert_int_equal(open_dir(scratch_path("open"), 0755, &fd, NULL), 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0755);
	(void)close(fd);
	assert_int_equal(umask(saved), 077);
}

static void a_directory_has_the_mode_that_was_asked_for(void **state)
{
	mode_t saved = umask(077);
	struct stat st;
	int fd;

	(void)state;
	assert_int_equal(open_dir(scratch_path("one"), 0755, &fd, NULL), 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0755);
	(void)close(fd);
	assert_int_equal(open_dir_all(scratch_path("a/b/c"), 0711, &fd, NULL), 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0711);
	(void)close(fd);
	assert_int_equal(stat(scratch_path("a/b"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0755);
	/* What was there is left alone. */
	assert_int_equal(chmod(scratch_path("one"), 0700), 0);
	assert_int_equal(open_dir(scratch_path("one"), 0755, &fd, NULL), 0);
	(void)close(fd);
	assert_int_equal(stat(scratch_path("one"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	(void)umask(saved);
}

static void the_directory_of_a_path_is_opened(void **state)
{
	const char *path = scratch_path("file"), *name;
	struct stat st, scratch;
	int fd;

	(void)state;
	assert_int_equal(stat(scratch_path("."), &scratch), 0);
	assert_int_equal(open_parent(path, &fd, &name), 0);
	assert_string_equal(name, "file");
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_ino, scratch.st_ino);
	(void)close(fd);

	assert_int_equal(open_parent("name", &fd, &name), 0);
	assert_string_equal(name, "name");
	(void)close(fd);
	assert_int_equal(open_parent("/name", &fd, &name), 0);
	assert_string_equal(name, "name");
	(void)close(fd);
	assert_int_equal(open_parent("dir/", &fd, &name), -EINVAL);
	assert_int_equal(open_parent("", &fd, &name), -EINVAL);
	assert_int_equal(open_parent(scratch_path("no/file"), &fd, &name), -ENOENT);
}

/* As in the file system of control groups. */
static void a_directory_needs_no_disk(void **state)
{
	int fd;

	(void)state;
	sync_error = EINVAL;
	assert_int_equal(open_dir(scratch_path("diskless"), 0700, &fd, NULL), 0);
	(void)close(fd);
	sync_error = EIO;
	assert_int_equal(open_dir(scratch_path("broken"), 0700, &fd, NULL), -EIO);
	sync_error = 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(directories_are_made_when_they_are_missing,
						scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(a_directory_has_the_mode_that_was_asked_for,
						scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(the_directory_of_a_path_is_opened, scratch_set_up,
						scratch_tear_down),
		cmocka_unit_test_setup_teardown(a_directory_needs_no_disk, scratch_set_up,
						scratch_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
