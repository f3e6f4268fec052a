/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/server/pid_file.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "runtime/host/process.h"
#include "util/cleanup.h"
#include "util/dir.h"
#include "util/file.h"

static void path_of(char path[static PATH_MAX], const char *run_dir, const char *name)
{
	(void)snprintf(path, PATH_MAX, "%s/%s.pid", run_dir, name);
}

int server_pid_file_write(const char *run_dir, const char *name)
{
	cleanup_close int dir_fd = -1;
	char path[PATH_MAX], line[16];
	const char *file;
	int len, r;

	path_of(path, run_dir, name);
	len = snprintf(line, sizeof(line), "%d\n", (int)getpid());
	r = open_parent(path, &dir_fd, &file);
	return r < 0 ? r : replace_file(dir_fd, file, line, (size_t)len, 0644);
}

/* Whether the process of a file that may be old is the server of that name. */
static bool serves(pid_t pid, const char *name)
{
	cleanup_free char *words = NULL;
	char path[32];
	size_t len;

	(void)snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	return read_path(path, 1 << 16, &words, &len) == 0 &&
	       memmem(words, len, name, strlen(name) + 1) != NULL;
}

int server_pid_file_read(const char *run_dir, const char *name, struct process *ret)
{
	cleanup_free char *text = NULL;
	char path[PATH_MAX];

	path_of(path, run_dir, name);
	if (read_path(path, 32, &text, NULL) < 0 ||
	    process_identify((pid_t)strtol(text, NULL, 10), ret) < 0 || !serves(ret->pid, name))
		return -ESRCH;
	return 0;
}
