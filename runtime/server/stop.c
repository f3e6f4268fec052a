/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/server/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>

#include "runtime/host/cgroup.h"
#include "runtime/host/process.h"
#include "runtime/lease/lease.h"
#include "runtime/server/pid_file.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/error.h"
#include "util/pidfd.h"
#include "util/server_dir.h"

/* Time to end a command in progress and write the state; a server that needs longer is hung. */
#define PATIENCE_MS 10000
#define KILLED_MS 5000

/* A hook that was killed may have left only the pid file. */
static int open_server(const struct lease_vtpm *vtpm, const char *run_dir)
{
	struct process process = vtpm->server;

	if (process.pid == 0 && server_pid_file_read(run_dir, vtpm->nodes[0].name, &process) < 0)
		return -ESRCH;
	return process_open(&process);
}

static int end(int pidfd, int64_t deadline)
{
	int64_t left = deadline - monotonic_ms();

	if (pidfd < 0 || wait_pidfd(pidfd, left > 0 ? (int)left : 0) == 0)
		return 0;
	(void)signal_pidfd(pidfd, SIGKILL);
	return wait_pidfd(pidfd, KILLED_MS);
}

/* The suffixes of a server's files, its log first; the last is from an earlier release. */
static const char *const suffixes[] = { "log", "pid", "cel", "ctl" };

static void remove_files(const struct lease_vtpm *vtpm, const char *run_dir, bool with_log)
{
	char path[PATH_MAX];

	for (size_t i = with_log ? 0 : 1; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s.%s", run_dir, vtpm->nodes[0].name,
			       suffixes[i]);
		(void)unlink(path);
	}
	(void)server_dir_remove(run_dir, vtpm->nodes[0].name);
}

static int remove_rest(const struct lease_vtpm *vtpm, const char *run_dir, bool with_log,
		       struct error *err)
{
	if (cgroup_remove(vtpm->cgroup, err) < 0)
		return -EBUSY;
	remove_files(vtpm, run_dir, with_log);
	return 0;
}

static void close_all(int *pidfds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		closep(&pidfds[i]);
}

int servers_stop(const struct lease *lease, const char *run_dir, struct error *err)
{
	cleanup_free int *pidfds = calloc(lease->count + 1, sizeof(*pidfds));
	int64_t deadline = monotonic_ms() + PATIENCE_MS;
	int result = 0;

	if (pidfds == NULL)
		return error_set(err, ENOMEM, "stop the servers of %s", lease->id);
	for (size_t i = 0; i < lease->count; i++) {
		pidfds[i] = open_server(&lease->vtpms[i], run_dir);
		if (pidfds[i] >= 0)
			(void)signal_pidfd(pidfds[i], SIGTERM);
	}
	for (size_t i = 0; i < lease->count; i++) {
		const struct lease_vtpm *vtpm = &lease->vtpms[i];

		if (!lease_vtpm_is_ours(vtpm))
			continue;
		if (end(pidfds[i], deadline) < 0)
			result = error_say(err, EBUSY, "%s does not end", vtpm->nodes[0].name);
		else if (remove_rest(vtpm, run_dir, true, err) < 0)
			result = -EBUSY;
	}
	close_all(pidfds, lease->count);
	return result;
}

int server_clear(const struct lease_vtpm *vtpm, const char *run_dir, struct error *err)
{
	cleanup_close int pidfd = open_server(vtpm, run_dir);

	if (end(pidfd, monotonic_ms()) < 0)
		return error_say(err, EBUSY, "%s does not end", vtpm->nodes[0].name);
	return remove_rest(vtpm, run_dir, false, err);
}
