/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cuse/sandbox/landlock.h"
#include "tests/unit/scratch.h"

static int kept, read_only, removed_from;
static pid_t parent;

static int opened(const char *name)
{
	int fd = open(scratch_path(name), O_PATH | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static void make(const char *name)
{
	assert_int_equal(mkdir(scratch_path(name), 0700), 0);
}

static int set_up(void **state)
{
	static const char *const files[] = { "kept/file", "read/file", "removed/file", "outside" };

	(void)scratch_set_up(state);
	make("kept");
	make("read");
	make("removed");
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		scratch_write(scratch_path(files[i]), "bytes", 5);
	kept = opened("kept");
	read_only = opened("read");
	removed_from = opened("removed");
	parent = getpid();
	return 0;
}

static int tear_down(void **state)
{
	(void)close(kept);
	(void)close(read_only);
	(void)close(removed_from);
	return scratch_tear_down(state);
}

static int enter(void)
{
	const struct landlock_dir dirs[] = {
		{ kept, LANDLOCK_USE_KEEP },
		{ read_only, LANDLOCK_USE_READ },
		{ removed_from, LANDLOCK_USE_REMOVE },
	};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return landlock_enter(dirs, sizeof(dirs) / sizeof(dirs[0]), NULL);
}

/* Runs TRY in a process that has entered: it returns 0 or an errno. */
static int within(int (*try)(void))
{
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(enter() < 0 ? 255 : try());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_not_equal(WEXITSTATUS(status), 255);
	return WEXITSTATUS(status);
}

/* Skips the test where the kernel's version is less. */
static void need(int version)
{
	if (landlock_version() < version)
		skip();
}

static int try_open_at(int dir, const char *name, int flags)
{
	int fd = openat(dir, name, flags | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno;
	(void)close(fd);
	return 0;
}

static int replace_a_file(void)
{
	int r = try_open_at(kept, "new", O_RDWR | O_CREAT | O_EXCL);

	if (r == 0 && renameat(kept, "new", kept, "file") < 0)
		r = errno;
	if (r == 0)
		r = try_open_at(kept, "file", O_RDWR | O_TRUNC);
	return r == 0 && unlinkat(kept, "file", 0) < 0 ? errno : r;
}

static void the_files_of_the_kept_directory_are_ours(void **state)
{
	(void)state;
	need(1);
	assert_int_equal(within(replace_a_file), 0);
	assert_false(scratch_exists(scratch_path("kept/file")));
}

static int make_a_directory(void)
{
	return mkdirat(kept, "dir", 0700) < 0 ? errno : 0;
}

static int make_a_link(void)
{
	return symlinkat("/etc", kept, "link") < 0 ? errno : 0;
}

static int make_a_fifo(void)
{
	return mkfifoat(kept, "fifo", 0600) < 0 ? errno : 0;
}

static int take_a_file_in(void)
{
	return linkat(AT_FDCWD, scratch_path("outside"), kept, "inside", 0) < 0 ? errno : 0;
}

static void it_gets_nothing_but_files(void **state)
{
	(void)state;
	need(1);
	assert_int_equal(within(make_a_directory), EACCES);
	assert_int_equal(within(make_a_link), EACCES);
	assert_int_equal(within(make_a_fifo), EACCES);
	/* Between directories it is another file system, so to speak. */
	assert_in_range(within(take_a_file_in), 1, 254);
	assert_false(scratch_exists(scratch_path("kept/inside")));
}

static int read_outside(void)
{
	return try_open_at(AT_FDCWD, scratch_path("outside"), O_RDONLY);
}

static int write_outside(void)
{
	return try_open_at(AT_FDCWD, scratch_path("outside"), O_WRONLY);
}

static int make_outside(void)
{
	return try_open_at(AT_FDCWD, scratch_path("more"), O_WRONLY | O_CREAT);
}

static int leave_by_the_parent(void)
{
	return try_open_at(kept, "../outside", O_RDONLY);
}

static int read_of_a_process(void)
{
	return try_open_at(AT_FDCWD, "/proc/self/status", O_RDONLY);
}

static int start_a_program(void)
{
	(void)execl("/bin/true", "true", NULL);
	return errno;
}

static void nothing_else_is_in_reach(void **state)
{
	(void)state;
	need(1);
	assert_int_equal(within(read_outside), EACCES);
	assert_int_equal(within(write_outside), EACCES);
	assert_int_equal(within(make_outside), EACCES);
	assert_int_equal(within(leave_by_the_parent), EACCES);
	assert_int_equal(within(read_of_a_process), EACCES);
	assert_int_equal(within(start_a_program), EACCES);
}

static int read_the_readable(void)
{
	return try_open_at(read_only, "file", O_RDONLY);
}

static int write_the_readable(void)
{
	return try_open_at(read_only, "file", O_WRONLY);
}

static int remove_the_readable(void)
{
	return unlinkat(read_only, "file", 0) < 0 ? errno : 0;
}

static int read_the_removable(void)
{
	return try_open_at(removed_from, "file", O_RDONLY);
}

static int remove_the_removable(void)
{
	return unlinkat(removed_from, "file", 0) < 0 ? errno : 0;
}

static void reading_and_removing_are_two_rights(void **state)
{
	(void)state;
	need(1);
	assert_int_equal(within(read_the_readable), 0);
	assert_int_equal(within(write_the_readable), EACCES);
	assert_int_equal(within(remove_the_readable), EACCES);
	assert_int_equal(within(read_the_removable), EACCES);
	assert_int_equal(within(remove_the_removable), 0);
}

static int cut_the_readable(void)
{
	return truncate(scratch_path("read/file"), 0) < 0 ? errno : 0;
}

static void a_file_that_is_not_written_is_not_cut(void **state)
{
	(void)state;
	need(3);
	assert_int_equal(within(cut_the_readable), EACCES);
}

static int use_tcp(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return EAFNOSUPPORT;
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return 0;
	if (errno != EACCES)
		return errno;
	return connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ? errno : 0;
}

static void there_is_no_tcp(void **state)
{
	(void)state;
	need(4);
	assert_int_equal(within(use_tcp), EACCES);
}

static int signal_the_parent(void)
{
	return kill(parent, 0) < 0 ? errno : 0;
}

static int signal_itself(void)
{
	return kill(getpid(), 0) < 0 ? errno : 0;
}

static void nobody_outside_gets_a_signal(void **state)
{
	(void)state;
	need(6);
	assert_int_equal(within(signal_the_parent), EPERM);
	assert_int_equal(within(signal_itself), 0);
}

static struct sockaddr_un abstract;

static int connect_to_the_parent(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return connect(fd, (const struct sockaddr *)&abstract, sizeof(abstract)) < 0 ? errno : 0;
}

static void nobody_outside_is_reached_by_an_abstract_name(void **state)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	need(6);
	abstract.sun_family = AF_UNIX;
	(void)snprintf(abstract.sun_path + 1, sizeof(abstract.sun_path) - 1, "vtpm-test-%d",
		       (int)parent);
	assert_int_equal(bind(fd, (const struct sockaddr *)&abstract, sizeof(abstract)), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(within(connect_to_the_parent), EPERM);
	(void)close(fd);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(the_files_of_the_kept_directory_are_ours),
		TEST(it_gets_nothing_but_files),
		TEST(nothing_else_is_in_reach),
		TEST(reading_and_removing_are_two_rights),
		TEST(a_file_that_is_not_written_is_not_cut),
		TEST(there_is_no_tcp),
		TEST(nobody_outside_gets_a_signal),
		TEST(nobody_outside_is_reached_by_an_abstract_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
