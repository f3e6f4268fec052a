/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/guard/pid_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cuse/guard/leftovers.h"
#include "util/cleanup.h"
#include "util/dir.h"
#include "util/error.h"
#include "util/file.h"

int pid_file_prepare(struct pid_file *file, const char *path, struct error *err)
{
	struct stat st;
	int r;

	*file = (struct pid_file){ .path = path, .dir_fd = -1, .other_fd = -1 };
	if (path == NULL)
		return 0;
	r = open_parent(path, &file->dir_fd, &file->name);
	if (r < 0)
		return error_set(err, -r, "write pid file %s", path);
	if (fstatat(file->dir_fd, file->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    !S_ISREG(st.st_mode)) {
		file->other_fd = openat(file->dir_fd, file->name,
					O_WRONLY | O_CREAT | O_NOCTTY | O_CLOEXEC, 0644);
		r = file->other_fd;
	} else {
		r = faccessat(file->dir_fd, ".", W_OK | X_OK, AT_EACCESS);
	}
	return r < 0 ? error_set(err, errno, "write pid file %s", path) : 0;
}

int pid_file_write(const struct pid_file *file, struct leftovers *leftovers, struct error *err)
{
	char line[32];
	int len = snprintf(line, sizeof(line), "%d\n", (int)getpid());
	int r;

	if (file->path == NULL)
		return 0;
	if (file->other_fd < 0)
		r = replace_file(file->dir_fd, file->name, line, (size_t)len, 0644);
	else
		r = write_all(file->other_fd, line, (size_t)len);
	if (r < 0)
		return error_set(err, -r, "write pid file %s", file->path);
	if (file->other_fd < 0)
		return leftovers_add(leftovers, file->path, err);
	return 0;
}

void pid_file_done(struct pid_file *file)
{
	closep(&file->dir_fd);
	closep(&file->other_fd);
	file->dir_fd = file->other_fd = -1;
}
