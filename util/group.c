/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/group.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/dir.h"
#include "util/file.h"

#define EVENTS_MOST 4096
#define DEPTH_MOST 64

static bool is_missing(int r)
{
	return r == -ENOENT || r == -ENODEV;
}

static bool lists_a_process(int dir)
{
	cleanup_close int fd = openat(dir, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	char byte;
	ssize_t n;

	if (fd < 0)
		return !is_missing(-errno);
	n = read_full(fd, &byte, 1);
	return n > 0 || (n < 0 && !is_missing((int)n));
}

static bool has_process(int dir, int depth);

static bool has_populated_child(int dir, int depth)
{
	cleanup_with(closedirp) DIR *stream = open_entries(dir);

	if (stream == NULL)
		return !is_missing(-errno);
	for (struct dirent *entry; (entry = readdir(stream)) != NULL;) {
		cleanup_close int child = -1;

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		child = openat(dir, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (child < 0 ? !is_missing(-errno) : has_process(child, depth))
			return true;
	}
	return false;
}

static bool has_process(int dir, int depth)
{
	return depth == 0 || lists_a_process(dir) || has_populated_child(dir, depth - 1);
}

bool group_is_populated(int dir)
{
	cleanup_free char *events = NULL;
	int r = read_file(dir, "cgroup.events", EVENTS_MOST, &events, NULL);

	if (r == -ENOENT)
		return has_process(dir, DEPTH_MOST);
	if (r < 0)
		return !is_missing(r);
	return strncmp(events, "populated 0\n", 12) != 0 &&
	       strstr(events, "\npopulated 0\n") == NULL;
}
