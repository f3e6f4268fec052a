/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Preloaded into a server of CUSE that knows nothing of it (LD_PRELOAD): /dev/cuse is /dev/fuse,
 * and the device a file system whose root is one file, /dev/.NAME, whose reads and writes come to
 * the server as those of a device do; /dev/NAME is a link to it, made once it works. For machines
 * whose kernel has FUSE and no CUSE, so that a server is measured on their own processors;
 * tests/bench/native makes the place for it, a /dev in memory.
 *
 * The server is asked CUSE_INIT by us; with its answer the file is mounted and the kernel's
 * FUSE_INIT answered. Then requests pass as they are, but for two: an open is answered "direct I/O,
 * no position", and what the file looks like is answered by us. What reads a device's number finds
 * it, too. As the kernel removes a device's node, and bench-startup this file, its /dev is said to
 * be a devtmpfs. Nothing here is asked of the kernel once the server is confined that it does not
 * ask itself.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

/* Headers of early 6.1 do not have it. */
#ifndef FOPEN_PARALLEL_DIRECT_WRITES
#define FOPEN_PARALLEL_DIRECT_WRITES (1 << 6)
#endif

#define DEVICES_MAX 2
#define CUSE_DEV makedev(10, 203)
#define OUR_MAJOR 511
#define INIT_UNIQUE 1 /* the kernel's are even */
#define SIZE_SHOWN (1ULL << 40)

/* A connection, from its open to the end of the process. */
struct device {
	int fd;
	enum { ASKS_INIT, AWAITS_INIT, SERVES } step;
	char path[256]; /* /dev/NAME */
	char file[256]; /* /dev/.NAME */
	unsigned int minor;
	uint64_t opening; /* the request that is to be answered with our flags */
};

static struct device devices[DEVICES_MAX];
static int device_count;

static struct {
	int (*close)(int fd);
	int (*open)(const char *path, int flags, ...);
	ssize_t (*read)(int fd, void *buffer, size_t size);
	ssize_t (*writev)(int fd, const struct iovec *parts, int count);
	int (*fstat)(int fd, struct stat *st);
	int (*lstat)(const char *path, struct stat *st);
	FILE *(*fopen)(const char *path, const char *mode);
} libc;

/* A pointer to an object becomes one to a function as POSIX has it. */
static void find(const char *name, void *function)
{
	void *found = dlsym(RTLD_NEXT, name);

	memcpy(function, &found, sizeof(found));
}

__attribute__((constructor)) static void find_all(void)
{
	find("close", &libc.close);
	find("open", &libc.open);
	find("read", &libc.read);
	find("writev", &libc.writev);
	find("fstat", &libc.fstat);
	find("lstat", &libc.lstat);
	find("fopen", &libc.fopen);
}

static struct device *device_of_fd(int fd)
{
	for (int i = 0; i < device_count; i++) {
		if (devices[i].fd == fd)
			return &devices[i];
	}
	return NULL;
}

static struct device *device_of_path(const char *path)
{
	for (int i = 0; i < device_count; i++) {
		if (devices[i].step == SERVES && strcmp(devices[i].path, path) == 0)
			return &devices[i];
	}
	return NULL;
}

/* ---- before it serves ------------------------------------------------------------------------ */

static int open_device(int flags)
{
	int fd = libc.open("/dev/fuse", flags);

	if (fd < 0)
		return fd;
	if (device_count == DEVICES_MAX) {
		(void)libc.close(fd);
		errno = ENFILE;
		return -1;
	}
	devices[device_count++] = (struct device){ .fd = fd };
	return fd;
}

/* One that was only looked at is forgotten, as its number will be another file's. */
int close(int fd)
{
	const struct device *device = device_of_fd(fd);

	if (device != NULL && device->step == ASKS_INIT && device == &devices[device_count - 1])
		device_count--;
	return libc.close(fd);
}

static ssize_t ask_init(struct device *device, void *buffer, size_t size)
{
	const struct {
		struct fuse_in_header header;
		struct cuse_init_in init;
	} request = {
		.header = { .len = sizeof(request), .opcode = CUSE_INIT, .unique = INIT_UNIQUE },
		.init = { .major = FUSE_KERNEL_VERSION,
			  .minor = FUSE_KERNEL_MINOR_VERSION,
			  .flags = CUSE_UNRESTRICTED_IOCTL }
	};

	if (size < sizeof(request)) {
		errno = EINVAL;
		return -1;
	}
	memcpy(buffer, &request, sizeof(request));
	device->step = AWAITS_INIT;
	return sizeof(request);
}

static int mount_file(const struct device *device)
{
	char options[96];
	int file;

	file = libc.open(device->file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (file < 0)
		return -1;
	(void)libc.close(file);
	(void)snprintf(options, sizeof(options),
		       "fd=%d,rootmode=100600,user_id=0,group_id=0,allow_other", device->fd);
	return mount("cuse", device->file, "fuse", MS_NOSUID | MS_NODEV, options);
}

static int answer_fuse_init(const struct device *device)
{
	static _Alignas(8) char request[FUSE_MIN_READ_BUFFER + 4096];
	const struct fuse_in_header *in = (const struct fuse_in_header *)(const void *)request;
	struct {
		struct fuse_out_header header;
		struct fuse_init_out init;
	} answer = { .header = { .len = sizeof(answer) },
		     .init = { .major = FUSE_KERNEL_VERSION,
			       .minor = FUSE_KERNEL_MINOR_VERSION,
			       .flags = FUSE_ASYNC_READ | FUSE_BIG_WRITES | FUSE_MAX_PAGES,
			       .max_pages = 32,
			       .max_write = 1 << 17 } };
	const struct iovec part = { &answer, sizeof(answer) };

	if (libc.read(device->fd, request, sizeof(request)) < (ssize_t)sizeof(*in) ||
	    in->opcode != FUSE_INIT)
		return -1;
	answer.header.unique = in->unique;
	return libc.writev(device->fd, &part, 1) < 0 ? -1 : 0;
}

/* PARTS: the header, the answer to CUSE_INIT, and what the device is called. */
static ssize_t begin(struct device *device, const struct iovec *parts, int count)
{
	static const char key[] = "DEVNAME=";
	const char *info = count == 3 ? parts[2].iov_base : "";
	ssize_t size = 0;

	for (int i = 0; i < count; i++)
		size += (ssize_t)parts[i].iov_len;
	if (strncmp(info, key, strlen(key)) != 0) {
		errno = EINVAL;
		return -1;
	}
	(void)snprintf(device->path, sizeof(device->path), "/dev/%s", info + strlen(key));
	(void)snprintf(device->file, sizeof(device->file), "/dev/.%s", info + strlen(key));
	device->minor = (unsigned int)getpid() * DEVICES_MAX % (1U << 19) +
			(unsigned int)(device - devices);
	if (mount_file(device) < 0 || answer_fuse_init(device) < 0 ||
	    symlink(device->file, device->path) < 0)
		return -1;
	device->step = SERVES;
	return size;
}

/* ---- while it serves ------------------------------------------------------------------------- */

/* The size keeps the kernel from taking a write for one that enlarges the file. */
static void answer_attributes(const struct device *device, const struct fuse_in_header *in)
{
	struct {
		struct fuse_out_header header;
		struct fuse_attr_out attributes;
	} answer = { .header = { .len = sizeof(answer), .unique = in->unique },
		     .attributes = { .attr_valid = 3600,
				     .attr = { .ino = 1,
					       .mode = S_IFREG | 0600,
					       .nlink = 1,
					       .size = SIZE_SHOWN,
					       .blksize = 4096 } } };
	const struct iovec part = { &answer, sizeof(answer) };

	(void)libc.writev(device->fd, &part, 1);
}

ssize_t read(int fd, void *buffer, size_t size)
{
	struct device *device = device_of_fd(fd);
	const struct fuse_in_header *in = buffer;
	ssize_t n;

	if (device == NULL)
		return libc.read(fd, buffer, size);
	if (device->step == ASKS_INIT)
		return ask_init(device, buffer, size);
	while ((n = libc.read(fd, buffer, size)) > 0 &&
	       (in->opcode == FUSE_GETATTR || in->opcode == FUSE_SETATTR))
		answer_attributes(device, in);
	if (n > 0 && in->opcode == FUSE_OPEN)
		device->opening = in->unique;
	return n;
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
	struct device *device = device_of_fd(fd);
	struct fuse_out_header *out = device != NULL ? parts[0].iov_base : NULL;

	if (device != NULL && device->step == AWAITS_INIT)
		return begin(device, parts, count);
	if (device != NULL && device->opening != 0 && device->opening == out->unique && count > 1) {
		struct fuse_open_out *opened = parts[1].iov_base;

		opened->open_flags |= FOPEN_DIRECT_IO | FOPEN_STREAM | FOPEN_PARALLEL_DIRECT_WRITES;
		device->opening = 0;
	}
	return libc.writev(fd, parts, count);
}

/* ---- what the server sees of its device ------------------------------------------------------ */

/* The number, as /sys/class/cuse/NAME/dev would have it. */
static int open_number(const char *path)
{
	static const char dir[] = "/sys/class/cuse/";
	const char *name = path + strlen(dir), *slash;
	int fd;

	if (strncmp(path, dir, strlen(dir)) != 0)
		return -1;
	slash = strchr(name, '/');
	for (int i = 0; i < device_count; i++) {
		const char *ours = devices[i].path + strlen("/dev/");

		if (slash == NULL || strlen(ours) != (size_t)(slash - name) ||
		    strncmp(ours, name, strlen(ours)) != 0)
			continue;
		fd = memfd_create("dev", MFD_CLOEXEC);
		(void)dprintf(fd, "%u:%u\n", OUR_MAJOR, devices[i].minor);
		(void)lseek(fd, 0, SEEK_SET);
		return fd;
	}
	return -1;
}

int open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	int fd;

	if ((flags & O_CREAT) != 0) {
		va_list arguments;

		va_start(arguments, flags);
		mode = va_arg(arguments, mode_t);
		va_end(arguments);
	}
	if (strcmp(path, "/dev/cuse") == 0)
		return open_device(flags);
	fd = open_number(path);
	return fd >= 0 ? fd : libc.open(path, flags, mode);
}

/* Where a long has 32 bits, open() is called by this name. */
#if defined(__LP64__)
int open64(const char *path, int flags, ...)
{
	return open(path, flags, 0600); /* as libfuse's, which makes no files */
}
#endif

int fstat(int fd, struct stat *st)
{
	int r = libc.fstat(fd, st);

	if (r == 0 && device_of_fd(fd) != NULL)
		st->st_rdev = CUSE_DEV;
	return r;
}

int lstat(const char *path, struct stat *st)
{
	const struct device *device = device_of_path(path);

	if (device != NULL) {
		*st = (struct stat){ .st_mode = S_IFCHR | 0600,
				     .st_nlink = 1,
				     .st_rdev = makedev(OUR_MAJOR, device->minor) };
		return 0;
	}
	return libc.lstat(path, st);
}

/* What is mounted at /dev, as on a host. */
FILE *fopen(const char *path, const char *mode)
{
	static char mount[64];
	struct statx st;

	if (strcmp(path, "/proc/self/mountinfo") != 0 ||
	    statx(AT_FDCWD, "/dev", 0, STATX_MNT_ID, &st) < 0)
		return libc.fopen(path, mode);
	(void)snprintf(mount, sizeof(mount), "%llu 1 0:6 / /dev rw - devtmpfs udev rw\n",
		       (unsigned long long)st.stx_mnt_id);
	return fmemopen(mount, strlen(mount), mode);
}
