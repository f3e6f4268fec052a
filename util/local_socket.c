/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/local_socket.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "util/cleanup.h"
#include "util/user_names.h"

static int bind_private(int fd, const struct sockaddr_un *address)
{
	mode_t saved = umask(0177);
	int r = bind(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 ? -errno : 0;

	(void)umask(saved);
	return r;
}

int local_socket_listen(const struct sockaddr_un *address, const struct user *owner, int backlog)
{
	cleanup_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int r = fd < 0 ? -errno : bind_private(fd, address);

	if (r < 0)
		return r;
	if ((owner != NULL && lchown(address->sun_path, owner->uid, owner->gid) < 0) ||
	    listen(fd, backlog) < 0) {
		r = -errno;
		(void)unlink(address->sun_path);
		return r;
	}
	return take_fd(fd);
}

int local_socket_connect(int fd, const struct sockaddr_un *address)
{
	struct stat st;

	if (lstat(address->sun_path, &st) < 0)
		return -errno;
	if (!S_ISSOCK(st.st_mode))
		return -ENOTSOCK;
	return connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 ? -errno : 0;
}
