/* SPDX-License-Identifier: BSD-3-Clause */
/* vtpm-runtime update: the servers' limits follow the container's. */
#include "runtime/front/front.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/server/limit.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/pidfd.h"
#include "util/program.h"

/* An update that takes longer is followed by vtpm-hook prune. */
#define PATIENCE_MS 60000

/* Holds nothing of the caller's, who may wait until all ends of a pipe are closed. */
static _Noreturn void wait_and_limit(const struct front *front, pid_t runtime)
{
	cleanup_close int pidfd = -1;

	close_from(0);
	(void)setsid();
	pidfd = open_pidfd(runtime);
	if (pidfd >= 0 && wait_pidfd(pidfd, PATIENCE_MS) == 0)
		servers_limit(front->run_dir, front->arguments.id);
	_exit(0);
}

/* We become the runtime: who follows it is nobody's child, for whom that does not wait. */
int front_follow_update(const struct front *front, struct error *err)
{
	const pid_t runtime = getpid();
	pid_t child = fork();

	if (child == 0) {
		pid_t grandchild = fork();

		if (grandchild == 0)
			wait_and_limit(front, runtime);
		_exit(grandchild < 0);
	}
	if (child < 0)
		return error_set(err, errno, "follow the update");
	(void)waitpid(child, NULL, 0);
	return 0;
}
