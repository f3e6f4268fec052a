/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/kill_at.h"
#include "tests/unit/unit.h"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

void kill_at_or_skip(void)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	if (status != 0) {
		print_message("no process can be traced here, so that none is killed\n");
		skip();
	}
}

void kill_at_begin(void)
{
	(void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	(void)raise(SIGSTOP);
}

static bool is_at_call(int status)
{
	return WIFSTOPPED(status) && WSTOPSIG(status) == (SIGTRAP | 0x80);
}

static bool reaches(pid_t child, int n, int *status)
{
	for (int i = 0; i < n; i++) {
		(void)ptrace(PTRACE_SYSCALL, child, NULL, NULL);
		assert_int_equal(waitpid(child, status, 0), child);
		if (!is_at_call(*status))
			return false;
	}
	return true;
}

bool kill_at(pid_t child, int n)
{
	bool reached;
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
	(void)ptrace(PTRACE_SETOPTIONS, child, NULL,
		     (void *)(uintptr_t)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL));
	reached = reaches(child, n, &status);
	if (WIFEXITED(status)) {
		assert_int_equal(WEXITSTATUS(status), 0);
		return false;
	}
	assert_true(WIFSTOPPED(status));
	(void)kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	return reached;
}
