/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/inside/event_log.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "util/cleanup.h"
#include "util/error.h"
#include "util/file.h"

#define DIR_NAME "vtpm"

static int open_log_dir(int dev)
{
	int fd;

	if (mkdirat(dev, DIR_NAME, 0755) < 0 && errno != EEXIST)
		return -errno;
	fd = openat(dev, DIR_NAME, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int put(int dev, const struct handed_log *log)
{
	cleanup_close int dir = open_log_dir(dev);
	cleanup_close int fd = -1;

	if (dir < 0)
		return dir;
	(void)unlinkat(dir, log->name, 0);
	fd = openat(dir, log->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0444);
	if (fd < 0)
		return -errno;
	/* Whatever our umask is. */
	if (fchmod(dir, 0755) < 0 || fchmod(fd, 0444) < 0)
		return -errno;
	return write_all(fd, log->bytes, log->len);
}

/* As the owner of /dev: see node_bind(). */
int event_log_put(int dev, const struct handed_log *log, struct error *err)
{
	struct statfs fs;
	struct stat st;
	int r;

	if (fstatfs(dev, &fs) < 0 || fstat(dev, &st) < 0)
		return error_set(err, errno, "look at the container's /dev");
	if (fs.f_type != TMPFS_MAGIC)
		return 0;
	(void)setfsgid(st.st_gid);
	(void)setfsuid(st.st_uid);
	r = put(dev, log);
	(void)setfsuid(0);
	(void)setfsgid(0);
	return r < 0 ? error_set(err, -r, "make /dev/" DIR_NAME "/%s in the container", log->name)
		     : 0;
}
