/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/guard/made_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tpm/state/dir.h"
#include "util/cleanup.h"
#include "util/dir.h"

bool made_dir_is_missing(const char *path)
{
	struct stat st;

	return lstat(path, &st) < 0 && errno == ENOENT;
}

void made_dir_remove(const char *path)
{
	cleanup_close int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	cleanup_with(closedirp) DIR *entries = fd >= 0 ? open_entries(fd) : NULL;

	for (struct dirent *entry; entries != NULL && (entry = readdir(entries)) != NULL;) {
		if (state_dir_has_name(entry->d_name))
			(void)unlinkat(fd, entry->d_name, 0);
	}
	/* Remove the lock's file last: it keeps others from using the directory. */
	if (fd >= 0)
		(void)unlinkat(fd, STATE_DIR_LOCK, 0);
	(void)rmdir(path);
}
