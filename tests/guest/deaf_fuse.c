/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Mounts a FUSE file system on /dev as process PID sees it, says so, and answers nothing from then
 * on: whoever asks waits until this program has ended.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#define REQUEST_MOST (1 << 20)

static int fail(const char *what)
{
	perror(what);
	return 1;
}

static int enter(const char *pid)
{
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%s/ns/mnt", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -1 : setns(fd, CLONE_NEWNS);
}

static int mount_on_dev(int fd)
{
	char options[64];

	(void)snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	return mount("deaf", "/dev", "fuse", 0, options);
}

/* Before that the kernel sends no request at all. */
static int answer_init(int fd, const char *request)
{
	const struct fuse_in_header *in = (const struct fuse_in_header *)(const void *)request;
	const struct {
		struct fuse_out_header header;
		struct fuse_init_out init;
	} answer = { .header = { .len = sizeof(answer), .unique = in->unique },
		     .init = { .major = FUSE_KERNEL_VERSION,
			       .minor = FUSE_KERNEL_MINOR_VERSION,
			       .max_write = 4096 } };

	return write(fd, &answer, sizeof(answer)) == (ssize_t)sizeof(answer) ? 0 : -1;
}

int main(int argc, char **argv)
{
	static _Alignas(8) char request[REQUEST_MOST];
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (argc != 2 || fd < 0)
		return fail("/dev/fuse");
	if (enter(argv[1]) < 0 || mount_on_dev(fd) < 0)
		return fail("mount");
	if (read(fd, request, sizeof(request)) < 0 || answer_init(fd, request) < 0)
		return fail("init");
	(void)puts("mounted");
	(void)fflush(stdout);
	while (read(fd, request, sizeof(request)) >= 0 || errno == EINTR)
		;
	return fail("read");
}
