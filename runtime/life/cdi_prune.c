/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/life/cdi_prune.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "util/cdi_host.h"
#include "util/cleanup.h"
#include "util/dir.h"
#include "util/error.h"
#include "util/log.h"

static bool is_stale(const char *class, const char *file)
{
	char name[NAME_MAX + 1], path[PATH_MAX];

	if (!cdi_host_name(file, name) ||
	    snprintf(path, sizeof(path), "%s/%s", class, name) >= (int)sizeof(path))
		return false;
	return access(path, F_OK) < 0 && errno == ENOENT;
}

int cdi_files_prune(const char *dir, const char *class, struct error *err)
{
	cleanup_close int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_with(closedirp) DIR *stream = fd >= 0 ? open_entries(fd) : NULL;
	struct error why;
	int result = 0;

	for (struct dirent *entry; stream != NULL && (entry = readdir(stream)) != NULL;) {
		if (!is_stale(class, entry->d_name))
			continue;
		if (unlinkat(fd, entry->d_name, 0) == 0 || errno == ENOENT)
			continue;
		result = error_set(&why, errno, "%s/%s stays", dir, entry->d_name);
		log_warn("%s", why.text);
	}
	return result < 0 ? error_say(err, -result, "%s", why.text) : 0;
}
