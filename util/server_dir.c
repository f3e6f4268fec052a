/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/server_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/un.h>

#include "util/cleanup.h"
#include "util/name_hash.h"
#include "util/path.h"

#define ADDRESS_MAX (sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1)

void server_stem(const char *name, const char *suffix, char ret[static NAME_MAX + 1])
{
	char hash[17];

	if (strlen(SERVERS_DIR "/") + strlen(name) + strlen(suffix) <= ADDRESS_MAX) {
		(void)snprintf(ret, NAME_MAX + 1, "%s", name);
		return;
	}
	name_hash(name, sizeof(hash) - 1, hash);
	(void)snprintf(ret, NAME_MAX + 1, "%.48s.%s", name, hash);
}

void server_dir_name(const char *name, char ret[static NAME_MAX + 1])
{
	char stem[NAME_MAX + 1];

	server_stem(name, SERVER_DIR_SUFFIX "/" SERVER_SOCKET, stem);
	(void)snprintf(ret, NAME_MAX + 1, "%.*s%s", (int)(NAME_MAX - strlen(SERVER_DIR_SUFFIX)),
		       stem, SERVER_DIR_SUFFIX);
}

/* The directory OWN, for who has the lock on it from here on; or a negative errno. */
static int open_and_lock(int all_fd, const char *own)
{
	cleanup_close int fd = openat(all_fd, own, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
		return -errno;
	return take_fd(fd);
}

int server_dir_remove(const char *dir, const char *name)
{
	cleanup_close int all_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_close int fd = -1;
	char own[NAME_MAX + 1];

	if (all_fd < 0)
		return -errno;
	server_dir_name(name, own);
	fd = open_and_lock(all_fd, own);
	if (fd < 0)
		return fd;
	if (unlinkat(fd, SERVER_SOCKET, 0) < 0 && errno != ENOENT)
		return -errno;
	return unlinkat(all_fd, own, AT_REMOVEDIR) < 0 ? -errno : 0;
}

void server_dirs_prune(const char *dir)
{
	cleanup_with(closedirp) DIR *all = opendir(dir);
	const struct dirent *entry;

	while (all != NULL && (entry = readdir(all)) != NULL) {
		cleanup_close int fd = -1;

		if (ends_with(entry->d_name, SERVER_DIR_SUFFIX))
			fd = open_and_lock(dirfd(all), entry->d_name);
		if (fd >= 0)
			(void)unlinkat(dirfd(all), entry->d_name, AT_REMOVEDIR);
	}
}
