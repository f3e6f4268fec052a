/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/sandbox/namespaces.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/detached_mount.h"
#include "util/error.h"

#define ALL "mount,ipc,uts,net"

static const struct {
	const char *name;
	int kind;
} namespaces[] = {
	{ "mount", CLONE_NEWNS },
	{ "ipc", CLONE_NEWIPC },
	{ "uts", CLONE_NEWUTS },
	{ "net", CLONE_NEWNET },
};
#define KINDS (sizeof(namespaces) / sizeof(namespaces[0]))

/* 0: none is called so. */
static int find(const char *name, size_t len)
{
	for (size_t i = 0; i < KINDS; i++) {
		if (strlen(namespaces[i].name) == len && memcmp(namespaces[i].name, name, len) == 0)
			return namespaces[i].kind;
	}
	return 0;
}

int namespaces_parse(const char *text, int *kinds, struct error *err)
{
	const char *name = strcmp(text, "all") == 0 ? ALL : text;

	*kinds = 0;
	if (strcmp(text, "none") == 0)
		return 0;
	for (;; name++) {
		size_t len = strcspn(name, ",");
		int kind = find(name, len);

		if (kind == 0)
			return error_say(err, EINVAL, "'%.32s' is not all, none or a list of " ALL,
					 text);
		*kinds |= kind;
		name += len;
		if (*name == '\0')
			return 0;
	}
}

void namespaces_text(int kinds, char text[static NAMESPACES_TEXT_SIZE])
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < KINDS; i++) {
		if ((kinds & namespaces[i].kind) != 0)
			used += (size_t)snprintf(text + used, NAMESPACES_TEXT_SIZE - used, "%s%s",
						 used > 0 ? "," : "", namespaces[i].name);
	}
}

/* All at once takes least; a kernel without one of them refuses that. */
static int make(int kinds)
{
	int made = 0;

	if (kinds == 0 || unshare(kinds) == 0)
		return kinds;
	for (size_t i = 0; i < KINDS; i++) {
		if ((kinds & namespaces[i].kind) != 0 && unshare(namespaces[i].kind) == 0)
			made |= namespaces[i].kind;
	}
	return made;
}

/*
 * As a slave, so that nothing of this happens to the host's mounts. The new root directory comes
 * over the one that it was, which is then taken away: pivot_root(2) has these calls.
 */
static int swap_root(int root)
{
	cleanup_close int before = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (before < 0 || mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return -errno;
	r = attach_mount(root, before);
	if (r < 0)
		return r;
	if (fchdir(root) < 0 || syscall(SYS_pivot_root, ".", ".") < 0)
		return -errno;
	return umount2(".", MNT_DETACH) < 0 || chdir("/") < 0 ? -errno : 0;
}

/* What a machine was booted from in memory, or is no mount, cannot be taken away, but left. */
static int leave_files(int root)
{
	int r = swap_root(root);

	if (r != -EINVAL)
		return r;
	return fchdir(root) < 0 || chroot(".") < 0 ? -errno : 0;
}

int namespaces_enter(int kinds, int *made, struct error *err)
{
	cleanup_close int root = -1;
	int r = 0;

	if ((kinds & CLONE_NEWNS) != 0) {
		root = detached_tmpfs(NULL, 0, true);
		if (root < 0)
			kinds &= ~CLONE_NEWNS;
	}
	*made = make(kinds);
	if ((*made & CLONE_NEWNS) != 0)
		r = leave_files(root);
	return r < 0 ? error_set(err, -r, "leave the host's file systems") : 0;
}
