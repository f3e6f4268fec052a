/* SPDX-License-Identifier: BSD-3-Clause */
/* util/program.c: all descriptors at once. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/program.h"

#define FIRST 100

static bool kernel_is_old;

long __real_syscall(long number, ...);
long __wrap_syscall(long number, unsigned int first, unsigned int last, unsigned int flags);
long __wrap_syscall(long number, unsigned int first, unsigned int last, unsigned int flags)
{
	if (kernel_is_old && number == SYS_close_range) {
		errno = ENOSYS;
		return -1;
	}
	return __real_syscall(number, first, last, flags);
}

/* What is left of descriptors FIRST - 1 to FIRST + 40, after CALL in a process of its own. */
static void in_a_child(void (*call)(int), bool (*is_right)(int fd))
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		for (int fd = FIRST - 1; fd <= FIRST + 40; fd++) {
			if (dup2(STDERR_FILENO, fd) != fd)
				_exit(2);
		}
		call(FIRST);
		for (int fd = FIRST - 1; fd <= FIRST + 40; fd++) {
			if (!is_right(fd))
				_exit(1);
		}
		_exit(0);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static bool is_closed(int fd)
{
	return (fcntl(fd, F_GETFD) < 0) == (fd >= FIRST);
}

static bool is_marked(int fd)
{
	return fcntl(fd, F_GETFD) == (fd >= FIRST ? FD_CLOEXEC : 0);
}

static void all_from_the_first_are_closed(void **state)
{
	(void)state;
	in_a_child(close_from, is_closed);
	in_a_child(close_on_exec_from, is_marked);
}

static void old_kernels_do_it_one_by_one(void **state)
{
	(void)state;
	kernel_is_old = true;
	in_a_child(close_from, is_closed);
	in_a_child(close_on_exec_from, is_marked);
	kernel_is_old = false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_from_the_first_are_closed),
		cmocka_unit_test(old_kernels_do_it_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
