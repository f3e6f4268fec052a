/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/faults.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/error.h"
#include "util/lock_file.h"

static int dir_fd;

static int setup(void **state)
{
	(void)state;
	(void)scratch_make();
	dir_fd = open(scratch_path("."), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir_fd < 0;
}

static int teardown(void **state)
{
	(void)state;
	(void)close(dir_fd);
	scratch_remove();
	return 0;
}

static void one_has_the_lock_until_the_descriptor_is_closed(void **state)
{
	cleanup_close int first = lock_file_try(dir_fd, ".lock");
	cleanup_close int second = -1;
	struct stat st;

	(void)state;
	assert_true(first >= 0);
	assert_int_equal(lock_file_try(dir_fd, ".lock"), -EBUSY);
	assert_int_equal(fstat(first, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(fcntl(first, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	(void)close(take_fd(first));
	second = lock_file_try(dir_fd, ".lock");
	assert_true(second >= 0);
}

static void a_lock_whose_file_was_removed_is_seen(void **state)
{
	cleanup_close int fd = lock_file_try(dir_fd, ".lock");
	cleanup_close int other = -1;

	(void)state;
	assert_true(lock_file_is_current(dir_fd, ".lock", fd));
	assert_int_equal(unlinkat(dir_fd, ".lock", 0), 0);
	assert_false(lock_file_is_current(dir_fd, ".lock", fd));
	other = lock_file_try(dir_fd, ".lock");
	assert_true(other >= 0);
	assert_false(lock_file_is_current(dir_fd, ".lock", fd));
}

/* As when its holder removes the file between our open() and our lock. */
static void a_lock_on_a_file_that_is_gone_is_none(void **state)
{
	(void)state;
	fault_arm(2, ENOENT, "fstat");
	assert_int_equal(lock_file_try(dir_fd, ".lock"), -EBUSY);
	assert_true(fault_disarm());
}

static void what_is_no_file_is_refused_and_not_waited_for(void **state)
{
	(void)state;
	assert_int_equal(mkfifoat(dir_fd, "fifo", 0600), 0);
	assert_int_equal(mkdirat(dir_fd, "dir", 0700), 0);
	assert_int_equal(symlinkat("file", dir_fd, "link"), 0);
	assert_int_equal(lock_file_try(dir_fd, "fifo"), -ENOTREG);
	assert_int_equal(lock_file_wait(dir_fd, "dir"), -EISDIR);
	assert_int_equal(lock_file_wait(dir_fd, "link"), -ELOOP);
}

/* The holder removes the file while it has the lock: who has waited must not be content with it. */
static void who_waited_has_a_lock_that_others_meet(void **state)
{
	cleanup_close int fd = lock_file_try(dir_fd, ".lock");
	int status;
	pid_t child = fork();

	(void)state;
	if (child == 0) {
		int got = -1;

		closep(&fd);
		got = lock_file_wait(dir_fd, ".lock");
		_exit(got >= 0 && lock_file_is_current(dir_fd, ".lock", got) ? 0 : 1);
	}
	assert_true(child > 0);
	(void)usleep(20000);
	assert_int_equal(unlinkat(dir_fd, ".lock", 0), 0);
	(void)close(take_fd(fd));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* A file in memory, as not every file system has one number in stat() and in the list of locks. */
static void who_has_a_lock_of_older_kinds_is_told(void **state)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	cleanup_close int fd = memfd_create("lock", MFD_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(lock_file_holder(fd), 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(lock_file_holder(fd), getpid());
	assert_int_equal(flock(fd, LOCK_UN), 0);
	assert_int_equal(fcntl(fd, F_SETLK, &whole), 0);
	assert_int_equal(lock_file_holder(fd), getpid());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_has_the_lock_until_the_descriptor_is_closed,
						setup, teardown),
		cmocka_unit_test_setup_teardown(a_lock_whose_file_was_removed_is_seen, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_lock_on_a_file_that_is_gone_is_none, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_is_no_file_is_refused_and_not_waited_for,
						setup, teardown),
		cmocka_unit_test(who_has_a_lock_of_older_kinds_is_told),
		cmocka_unit_test_setup_teardown(who_waited_has_a_lock_that_others_meet, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
