/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/host/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "runtime/host/io_limits.h"
#include "util/cleanup.h"
#include "util/dir.h"
#include "util/error.h"
#include "util/file.h"

#define TEXT_MOST 4096

/* A TPM has 2 to 6 MiB, and some more of its state's files in the page cache. */
#define MEMORY_MOST "67108864"

/* Three threads, the process that cleans up, and room for what is not foreseen. */
#define PROCESSES_MOST "16"

/* Less than the kernel takes for either, and their product with another's fits. */
#define QUOTA_MOST (UINT64_C(1) << 43)
#define PERIOD_MOST 1000000

int cpu_limit_tighten(struct cpu_limit *limit, const char *text)
{
	struct cpu_limit there = { 0 };

	if (strncmp(text, "max", 3) == 0)
		return 0;
	if (text[0] < '0' || text[0] > '9' ||
	    sscanf(text, "%15" SCNu64 " %15" SCNu64, &there.quota, &there.period) != 2 ||
	    there.quota == 0 || there.quota > QUOTA_MOST || there.period == 0 ||
	    there.period > PERIOD_MOST)
		return -EINVAL;
	if (limit->quota == 0 || there.quota * limit->period < limit->quota * there.period)
		*limit = there;
	return 0;
}

/* All that a container may be limited by. */
struct limits {
	struct cpu_limit cpu;
	struct io_limits io;
};

static int read_text(int dir_fd, const char *name, char **ret)
{
	return read_file(dir_fd, name, TEXT_MOST, ret, NULL);
}

/* One without a controller has no such file, and limits nothing. */
static void read_group(const char *dir, struct limits *limits)
{
	cleanup_close int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_free char *cpu = NULL, *io = NULL;

	if (fd >= 0 && read_text(fd, "cpu.max", &cpu) == 0)
		(void)cpu_limit_tighten(&limits->cpu, cpu);
	if (fd >= 0 && read_text(fd, "io.max", &io) == 0)
		(void)io_limits_add(&limits->io, io, true);
}

static void read_groups(const char *mount, const char *group, struct limits *limits)
{
	const size_t top = strlen(mount);
	char dir[PATH_MAX];

	(void)snprintf(dir, sizeof(dir), "%s", group);
	for (char *slash; strlen(dir) > top && (slash = strrchr(dir, '/')) != NULL; *slash = '\0')
		read_group(dir, limits);
}

static int write_text(int dir_fd, const char *name, const char *text)
{
	cleanup_close int fd = openat(dir_fd, name, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -errno : write_all(fd, text, strlen(text));
}

/* Each by itself: not every kernel, nor every host, has all of them. */
static void enable_controllers(const char *dir)
{
	static const char *const controllers[] = { "+cpu", "+io", "+memory", "+pids" };
	cleanup_close int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; fd >= 0 && i < sizeof(controllers) / sizeof(controllers[0]); i++)
		(void)write_text(fd, "cgroup.subtree_control", controllers[i]);
}

static int limit_cpu(int fd, const struct cpu_limit *limit, const char *own, struct error *err)
{
	char text[64] = "max";
	int r;

	if (limit->quota != 0)
		(void)snprintf(text, sizeof(text), "%" PRIu64 " %" PRIu64, limit->quota,
			       limit->period);
	r = write_text(fd, "cpu.max", text);
	if (r < 0 && limit->quota != 0)
		return error_set(err, -r, "limit the processor time of %s", own);
	return 0;
}

/* One device with each write. A device that is gone limits nobody. */
static int limit_io(int fd, const struct io_limits *limits, const char *own, struct error *err)
{
	char line[160];

	for (size_t i = 0; i < limits->count; i++) {
		int r;

		io_limit_line(&limits->devices[i], line, sizeof(line));
		r = write_text(fd, "io.max", line);
		if (r < 0 && r != -ENODEV && io_limit_is_any(&limits->devices[i]))
			return error_set(err, -r, "limit the use of disks by %s", own);
	}
	return 0;
}

/* Among the groups that it competes with. */
static void copy_weights(const char *group, int own_fd)
{
	static const char *const names[] = { "cpu.weight", "io.weight" };
	cleanup_close int fd = open(group, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; fd >= 0 && i < sizeof(names) / sizeof(names[0]); i++) {
		cleanup_free char *text = NULL;

		if (read_text(fd, names[i], &text) == 0)
			(void)write_text(own_fd, names[i], text);
	}
}

/* What it is limited by now, and will not be if nothing else says so. */
static void read_own(int fd, struct limits *limits)
{
	cleanup_free char *text = NULL;

	if (read_text(fd, "io.max", &text) == 0)
		(void)io_limits_add(&limits->io, text, false);
}

int limits_copy(const char *mount, const char *group, const char *own, struct error *err)
{
	struct limits limits = { 0 };
	cleanup_close int fd = -1;
	char ours[PATH_MAX];
	int r;

	(void)snprintf(ours, sizeof(ours), "%s", own);
	if (strrchr(ours, '/') == NULL)
		return error_set(err, EINVAL, "limit %s", own);
	*strrchr(ours, '/') = '\0';
	enable_controllers(mount);
	enable_controllers(ours);
	fd = open(own, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return error_set(err, errno, "open %s", own);
	(void)write_text(fd, "memory.max", MEMORY_MOST);
	(void)write_text(fd, "pids.max", PROCESSES_MOST);
	copy_weights(group, fd);
	read_own(fd, &limits);
	read_groups(mount, group, &limits);
	r = limit_cpu(fd, &limits.cpu, own, err);
	return r == 0 ? limit_io(fd, &limits.io, own, err) : r;
}
