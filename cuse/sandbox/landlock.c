/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/sandbox/landlock.h"

#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/error.h"

/*
 * The kernel's interface, version 6, defined here because a distribution's headers may be older
 * than the running kernel. The system call numbers are the same on all architectures.
 */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

#define CREATE_VERSION 1U
#define RULE_PATH_BENEATH 1

#define FS_WRITE_FILE (1U << 1)
#define FS_READ_FILE (1U << 2)
#define FS_READ_DIR (1U << 3)
#define FS_REMOVE_FILE (1U << 5)
#define FS_MAKE_REG (1U << 8)
#define FS_TRUNCATE (1U << 14)

struct ruleset {
	uint64_t fs, net, scoped;
};

struct path_beneath {
	uint64_t allowed;
	int32_t fd;
} __attribute__((packed));

int landlock_version(void)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_VERSION);

	return version > 0 ? (int)version : 0;
}

/* Everything that a kernel of this version can forbid. */
static struct ruleset everything(int version)
{
	/* The number of rights to files. */
	unsigned int rights = version >= 5 ? 16 : version >= 3 ? 15 : version >= 2 ? 14 : 13;

	return (struct ruleset){
		.fs = (1U << rights) - 1,
		.net = version >= 4 ? 1U << 0 | 1U << 1 : 0,    /* bind, connect */
		.scoped = version >= 6 ? 1U << 0 | 1U << 1 : 0, /* abstract sockets, signals */
	};
}

static uint64_t rights_of(enum landlock_use use)
{
	switch (use) {
	case LANDLOCK_USE_READ:
		return FS_READ_FILE | FS_READ_DIR;
	case LANDLOCK_USE_REMOVE:
		return FS_REMOVE_FILE;
	case LANDLOCK_USE_KEEP:
		return FS_READ_FILE | FS_READ_DIR | FS_WRITE_FILE | FS_TRUNCATE | FS_MAKE_REG |
		       FS_REMOVE_FILE;
	}
	return 0;
}

static int allow(int ruleset_fd, const struct ruleset *ruleset, const struct landlock_dir *dir,
		 struct error *err)
{
	const struct path_beneath rule = { rights_of(dir->use) & ruleset->fs, dir->fd };

	if (syscall(SYS_landlock_add_rule, ruleset_fd, RULE_PATH_BENEATH, &rule, 0) < 0)
		return error_set(err, errno, "limit the directories that are in reach");
	return 0;
}

int landlock_enter(const struct landlock_dir *dirs, size_t count, struct error *err)
{
	const int version = landlock_version();
	const struct ruleset ruleset = everything(version);
	/* A kernel refuses a larger structure than it knows. */
	const size_t size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
	cleanup_close int fd = -1;
	int r = 0;

	if (version == 0)
		return 0;
	fd = (int)syscall(SYS_landlock_create_ruleset, &ruleset, size, 0);
	if (fd < 0)
		return error_set(err, errno, "limit the files that are in reach");
	for (size_t i = 0; i < count && r == 0; i++)
		r = allow(fd, &ruleset, &dirs[i], err);
	if (r < 0)
		return r;
	if (syscall(SYS_landlock_restrict_self, fd, 0) < 0)
		return error_set(err, errno, "limit the files that are in reach");
	return 0;
}
