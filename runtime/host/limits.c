/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/host/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "runtime/config/io_limits.h"
#include "runtime/config/resources.h"
#include "util/cleanup.h"
#include "util/dir.h"
#include "util/error.h"
#include "util/file.h"

#define TEXT_MOST 4096

/* A TPM has 2 to 6 MiB, and some more of its state's files in the page cache. */
#define MEMORY_MOST (64 << 20)

/* Three threads, the process that cleans up, and room for what is not foreseen. */
#define PROCESSES_MOST 16

/* Less than the kernel takes for either, and their product with another's fits. */
#define QUOTA_MOST (UINT64_C(1) << 43)
#define PERIOD_MOST 1000000

#define CPU_MAX "cpu.max"
#define IO_MAX "io.max"
#define CPU_WEIGHT "cpu.weight"
#define IO_WEIGHT "io.weight"
#define BFQ_WEIGHT "io.bfq.weight"

const char *const limits_followed[] = { CPU_MAX, IO_MAX, CPU_WEIGHT, IO_WEIGHT, BFQ_WEIGHT, NULL };

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

/* A group without a controller has no such file, and sets no limit. */
static void read_group(const char *dir, struct limits *limits)
{
	cleanup_close int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_free char *cpu = NULL, *io = NULL;

	if (fd >= 0 && read_text(fd, CPU_MAX, &cpu) == 0)
		(void)cpu_limit_tighten(&limits->cpu, cpu);
	if (fd >= 0 && read_text(fd, IO_MAX, &io) == 0)
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
	r = write_text(fd, CPU_MAX, text);
	if (r < 0 && limit->quota != 0)
		return error_set(err, -r, "limit the processor time of %s", own);
	return 0;
}

/* The kernel takes one device with each write. A device that is gone needs no limit. */
static int limit_io(int fd, const struct io_limits *limits, const char *own, struct error *err)
{
	char line[160];

	for (size_t i = 0; i < limits->count; i++) {
		int r;

		io_limit_line(&limits->devices[i], line, sizeof(line));
		r = write_text(fd, IO_MAX, line);
		if (r < 0 && r != -ENODEV && io_limit_is_any(&limits->devices[i]))
			return error_set(err, -r, "limit the use of disks by %s", own);
	}
	return 0;
}

/* Converts OCI's numbers, which are those of v1, to those of v2 as runtimes do. */
static int64_t weight_of_shares(int64_t shares)
{
	return 1 + (shares - 2) * 9999 / 262142;
}

static int64_t weight_of_blkio(int64_t weight)
{
	return 1 + (weight - 10) * 9999 / 990;
}

static void write_number(int fd, const char *name, int64_t number)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%" PRId64, number);
	(void)write_text(fd, name, text);
}

static void copy_text(int from_fd, int to_fd, const char *name)
{
	cleanup_free char *text = NULL;

	if (from_fd >= 0 && read_text(from_fd, name, &text) == 0)
		(void)write_text(to_fd, name, text);
}

/* Copies the container's weights where the entry sets none. */
static void set_weights(const struct limits_request *request, int fd)
{
	const struct resources *resources = request->resources;
	cleanup_close int group = request->group != NULL
					  ? open(request->group, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
					  : -1;

	if (resources->shares != 0)
		write_number(fd, CPU_WEIGHT, weight_of_shares(resources->shares));
	else
		copy_text(group, fd, CPU_WEIGHT);
	if (resources->weight != 0) {
		write_number(fd, IO_WEIGHT, weight_of_blkio(resources->weight));
		write_number(fd, BFQ_WEIGHT, resources->weight);
	} else {
		copy_text(group, fd, IO_WEIGHT);
		copy_text(group, fd, BFQ_WEIGHT);
	}
}

static void set_own(const struct resources *resources, int fd)
{
	write_number(fd, "memory.max", resources->memory != 0 ? resources->memory : MEMORY_MOST);
	write_number(fd, "pids.max",
		     resources->processes != 0 ? resources->processes : PROCESSES_MOST);
}

/* Adds the devices that are limited now, without a limit, so that old limits are lifted. */
static void read_own(int fd, struct limits *limits)
{
	cleanup_free char *text = NULL;

	if (read_text(fd, IO_MAX, &text) == 0)
		(void)io_limits_add(&limits->io, text, false);
}

static int said_io(const struct io_limits *said, struct io_limits *ret)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < said->count; i++) {
		const struct io_limit *device = &said->devices[i];

		for (size_t which = 0; r == 0 && which < IO_LIMITS; which++)
			r = io_limits_set(ret, device->major, device->minor, which,
					  device->most[which]);
	}
	return r;
}

/* The entry's resources override the container's limits. */
static int collect(const struct limits_request *request, int fd, struct limits *ret,
		   struct error *err)
{
	const struct resources *said = request->resources;
	struct io_limits own = { 0 };
	int r = 0;

	read_own(fd, ret);
	own = ret->io;
	if (request->group != NULL)
		read_groups(request->mount, request->group, ret);
	if (said->quota != 0)
		ret->cpu = (struct cpu_limit){ said->quota > 0 ? (uint64_t)said->quota : 0,
					       (uint64_t)said->period };
	if (said->io.count > 0) {
		ret->io = own;
		r = said_io(&said->io, &ret->io);
	}
	return r < 0 ? error_set(err, -r, "limit the use of disks by %s", request->own) : 0;
}

/* From the top to the group that OWN is in. */
static void enable_above(const char *mount, const char *own)
{
	char path[PATH_MAX];

	for (const char *end = own + strlen(mount); (end = strchr(end, '/')) != NULL; end++) {
		(void)snprintf(path, sizeof(path), "%.*s", (int)(end - own), own);
		enable_controllers(path);
	}
}

int limits_set(const struct limits_request *request, struct error *err)
{
	const char *own = request->own;
	struct limits limits = { 0 };
	cleanup_close int fd = -1;
	int r;

	if (strncmp(own, request->mount, strlen(request->mount)) != 0)
		return error_set(err, EINVAL, "limit %s", own);
	enable_above(request->mount, own);
	fd = open(own, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return error_set(err, errno, "open %s", own);
	set_own(request->resources, fd);
	set_weights(request, fd);
	r = collect(request, fd, &limits, err);
	if (r == 0)
		r = limit_cpu(fd, &limits.cpu, own, err);
	return r == 0 ? limit_io(fd, &limits.io, own, err) : r;
}
