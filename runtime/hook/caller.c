/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/hook/caller.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "runtime/host/process.h"
#include "util/cleanup.h"
#include "util/pidfd.h"

/*
 * crun runs hooks with standard error on /dev/null. Errors must be seen all the same, so they go to
 * crun's own standard error, where its user looks.
 */
static void borrow_stderr(void)
{
	cleanup_close int caller_fd = -1, fd = -1;
	struct process caller;
	struct stat st;

	if (fstat(STDERR_FILENO, &st) < 0 || !S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 3) ||
	    process_identify(getppid(), &caller) < 0)
		return;
	caller_fd = process_open(&caller);
	if (caller_fd >= 0)
		fd = copy_pidfd_fd(caller_fd, STDERR_FILENO);
	if (fd >= 0)
		(void)dup3(fd, STDERR_FILENO, 0);
}

/* A hook that we entered has its own environment, so this takes the caller's credentials. */
static void borrow_credentials(void)
{
	static const char name[] = "CREDENTIALS_DIRECTORY";
	char dir[PATH_MAX];

	if (getenv(name) == NULL && process_variable(getppid(), name, dir, sizeof(dir)) == 0)
		(void)setenv(name, dir, 0);
}

void caller_borrow(void)
{
	borrow_stderr();
	borrow_credentials();
}
