/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/inside/own_child.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/inside/confine.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/pidfd.h"
#include "util/program.h"

/* A killed child is gone at once, unless the kernel blocks it. */
#define KILLED_MS 200

/* Shared by parent and child. */
struct job {
	struct error err;
	int r;
	bool done;
	_Alignas(16) unsigned char data[];
};

static void work_and_end(own_child_work *work, const void *arg, struct job *job, pid_t parent)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	close_from(0);
	job->r = work(arg, job->data, &job->err);
	job->done = true;
	_exit(0);
}

/* Nobody waits for a child that stays; the kernel removes it after we have ended. */
static int wait_for(pid_t pid, int ms, int *status)
{
	cleanup_close int pidfd = open_pidfd(pid);
	int r = pidfd >= 0 ? wait_pidfd(pidfd, ms) : pidfd;

	if (r < 0) {
		(void)kill(pid, SIGKILL);
		if (pidfd >= 0)
			(void)wait_pidfd(pidfd, KILLED_MS);
	}
	(void)waitpid(pid, status, r < 0 ? WNOHANG : 0);
	return r;
}

static int run_job(own_child_work *work, const void *arg, struct job *job, int ms,
		   struct error *err)
{
	pid_t self = getpid(), pid = fork();
	int r, status = 0;

	if (pid < 0)
		return error_set(err, errno, "start a process");
	if (pid == 0)
		work_and_end(work, arg, job, self);
	r = wait_for(pid, ms, &status);
	if (r == -ETIMEDOUT)
		return error_say(err, ETIMEDOUT, "no answer within %d s", ms / 1000);
	if (r < 0)
		return error_set(err, -r, "wait for a process");
	if (!job->done && WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		return error_say(err, EIO, INSIDE_WAS_ENDED);
	if (!job->done)
		return error_say(err, EIO, "the process that does it was ended");
	return job->r < 0 ? error_say(err, -job->r, "%s", job->err.text) : job->r;
}

int run_in_own_child(own_child_work *work, const void *arg, void *data, size_t size, int ms,
		     struct error *err)
{
	const size_t all = sizeof(struct job) + size;
	struct job *job =
		mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int r;

	if (job == MAP_FAILED)
		return error_set(err, errno, "start a process");
	memcpy(job->data, data, size);
	r = run_job(work, arg, job, ms, err);
	memcpy(data, job->data, size);
	(void)munmap(job, all);
	return r;
}
