/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/faults.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <linux/magic.h>

static int countdown, fault_errno;
static bool for_good, failed, no_tmpfile, in_memory;
static const char *only;

void fault_arm(int n, int errnum, const char *names)
{
	countdown = n;
	fault_errno = errnum;
	only = names;
	for_good = false;
	failed = false;
}

void fault_arm_from(int n, int errnum, const char *names)
{
	fault_arm(n, errnum, names);
	for_good = true;
}

bool fault_disarm(void)
{
	countdown = 0;
	for_good = false;
	return failed;
}

void fault_no_tmpfile(bool lacking)
{
	no_tmpfile = lacking;
}

void fault_memory(bool memory)
{
	in_memory = memory;
}

static bool is_named(const char *name, const char *names)
{
	size_t len = strlen(name);

	for (const char *p = names; (p = strstr(p, name)) != NULL; p += len) {
		if ((p == names || p[-1] == ' ') && (p[len] == ' ' || p[len] == '\0'))
			return true;
	}
	return false;
}

static bool fails(const char *name)
{
	if (countdown == 0)
		return false;
	if (only != NULL ? !is_named(name, only) : is_named(name, FAULT_ALLOCATIONS))
		return false;
	if (countdown > 1) {
		countdown--;
		return false;
	}
	if (!for_good)
		countdown = 0;
	failed = true;
	errno = fault_errno;
	return true;
}

/* Where a long has 32 bits, functions with sizes or offsets of files are called by another name. */
#if defined(__LP64__)
#define FILE_SYMBOL(name) name
#else
#define FILE_SYMBOL(name) name "64"
#endif

#define WRAP(type, failure, name, params, args) \
	WRAP_SYMBOL(type, failure, name, #name, params, args)
#define WRAP_FILE(type, failure, name, params, args) \
	WRAP_SYMBOL(type, failure, name, FILE_SYMBOL(#name), params, args)
#define WRAP_SYMBOL(type, failure, name, symbol, params, args) \
	type __real_##name params __asm__("__real_" symbol);   \
	type __wrap_##name params __asm__("__wrap_" symbol);   \
	type __wrap_##name params                              \
	{                                                      \
		if (fails(#name))                              \
			return failure;                        \
		return __real_##name args;                     \
	}

WRAP(void *, NULL, malloc, (size_t size), (size))
WRAP(void *, NULL, calloc, (size_t n, size_t size), (n, size))
WRAP(char *, NULL, strdup, (const char *s), (s))
WRAP(char *, NULL, strndup, (const char *s, size_t n), (s, n))
WRAP_FILE(void *, MAP_FAILED, mmap, (void *p, size_t n, int prot, int flags, int fd, off_t offset),
	  (p, n, prot, flags, fd, offset))
WRAP_FILE(ssize_t, -1, pread, (int fd, void *p, size_t n, off_t offset), (fd, p, n, offset))
WRAP(ssize_t, -1, read, (int fd, void *p, size_t n), (fd, p, n))
WRAP_FILE(ssize_t, -1, pwrite, (int fd, const void *p, size_t n, off_t offset), (fd, p, n, offset))
WRAP(ssize_t, -1, write, (int fd, const void *p, size_t n), (fd, p, n))
WRAP(int, -1, fdatasync, (int fd), (fd))
WRAP(int, -1, fsync, (int fd), (fd))
WRAP_FILE(int, -1, fallocate, (int fd, int mode, off_t offset, off_t len), (fd, mode, offset, len))
WRAP(int, -1, fchown, (int fd, uid_t uid, gid_t gid), (fd, uid, gid))
WRAP(int, -1, fchmod, (int fd, mode_t mode), (fd, mode))
WRAP_FILE(int, -1, fstat, (int fd, struct stat *st), (fd, st))
WRAP(int, -1, renameat, (int a, const char *from, int b, const char *to), (a, from, b, to))
WRAP(int, -1, linkat, (int a, const char *from, int b, const char *to, int flags),
     (a, from, b, to, flags))
WRAP(int, -1, mkdir, (const char *path, mode_t mode), (path, mode))
WRAP(ssize_t, -1, getrandom, (void *p, size_t n, unsigned int flags), (p, n, flags))

int __real_open(const char *path, int flags, mode_t mode) __asm__("__real_" FILE_SYMBOL("open"));
int __wrap_open(const char *path, int flags, mode_t mode) __asm__("__wrap_" FILE_SYMBOL("open"));
int __wrap_open(const char *path, int flags, mode_t mode)
{
	return fails("open") ? -1 : __real_open(path, flags, mode);
}

int __real_openat(int dir, const char *path, int flags,
		  mode_t mode) __asm__("__real_" FILE_SYMBOL("openat"));
int __wrap_openat(int dir, const char *path, int flags,
		  mode_t mode) __asm__("__wrap_" FILE_SYMBOL("openat"));
int __wrap_openat(int dir, const char *path, int flags, mode_t mode)
{
	if (no_tmpfile && (flags & O_TMPFILE) == O_TMPFILE) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return fails("openat") ? -1 : __real_openat(dir, path, flags, mode);
}

int __real_fstatfs(int fd, struct statfs *fs) __asm__("__real_" FILE_SYMBOL("fstatfs"));
int __wrap_fstatfs(int fd, struct statfs *fs) __asm__("__wrap_" FILE_SYMBOL("fstatfs"));
int __wrap_fstatfs(int fd, struct statfs *fs)
{
	int r = __real_fstatfs(fd, fs);

	if (in_memory || fs->f_type == TMPFS_MAGIC)
		fs->f_type = in_memory ? TMPFS_MAGIC : EXT4_SUPER_MAGIC;
	return r;
}
