/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/host/process.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/file.h"
#include "util/pidfd.h"

#define ENVIRON_MAX (1 << 20)

int process_parse_stat(const char *text, pid_t *parent, uint64_t *start, char *state)
{
	/* The program's name is the second field and may itself have blanks and brackets. */
	const char *after = strrchr(text, ')');

	if (after == NULL ||
	    sscanf(after + 1,
		   " %c %d %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
		   "%" SCNu64,
		   state, parent, start) != 3)
		return -EINVAL;
	return 0;
}

static int read_stat(pid_t pid, pid_t *parent, uint64_t *start)
{
	cleanup_free char *text = NULL;
	char path[32], state;
	int r;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	r = read_path(path, 4096, &text, NULL);
	if (r == 0)
		r = process_parse_stat(text, parent, start, &state);
	if (r == -ENOENT || (r == 0 && (state == 'Z' || state == 'X')))
		return -ESRCH;
	return r;
}

int process_identify(pid_t pid, struct process *ret)
{
	struct process process = { .pid = pid };
	pid_t parent;
	int r;

	if (pid <= 0)
		return -ESRCH;
	r = read_stat(pid, &parent, &process.start);
	if (r == 0)
		*ret = process;
	return r;
}

bool process_lives(const struct process *process)
{
	struct process now;

	return process_identify(process->pid, &now) == 0 && now.start == process->start;
}

pid_t process_parent(pid_t pid)
{
	uint64_t start;
	pid_t parent;

	return read_stat(pid, &parent, &start) == 0 ? parent : 0;
}

int process_open(const struct process *process)
{
	cleanup_close int fd = -1;

	if (process->pid <= 0)
		return -ESRCH;
	fd = open_pidfd(process->pid);
	if (fd < 0)
		return fd;
	/*
	 * Checked after opening: from here on the pidfd cannot be another process's with this
	 * number.
	 */
	if (!process_lives(process))
		return -ESRCH;
	return take_fd(fd);
}

int process_variable(pid_t pid, const char *name, char *ret, size_t size)
{
	cleanup_free char *words = NULL;
	size_t len, name_len = strlen(name);
	char path[32];
	int r;

	(void)snprintf(path, sizeof(path), "/proc/%d/environ", pid);
	r = read_path(path, ENVIRON_MAX, &words, &len);
	for (const char *word = words; r == 0 && word < words + len; word += strlen(word) + 1) {
		if (strncmp(word, name, name_len) != 0 || word[name_len] != '=')
			continue;
		return snprintf(ret, size, "%s", word + name_len + 1) < (int)size ? 0
										  : -ENAMETOOLONG;
	}
	return r < 0 ? r : -ENOENT;
}
