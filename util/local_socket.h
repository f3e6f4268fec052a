/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stream sockets with a path. Those who listen and those who ask agree on what is a socket there.
 */
#ifndef VTPM_UTIL_LOCAL_SOCKET_H
#define VTPM_UTIL_LOCAL_SOCKET_H

#include <sys/un.h>

struct user;

/*
 * A descriptor that does not block, or a negative errno: then no socket of ours is left there. None
 * but OWNER (NULL: our own user) and root can connect, at any time.
 */
int local_socket_listen(const struct sockaddr_un *address, const struct user *owner, int backlog);

/*
 * Connects FD. -ENOENT: nothing is there; -ENOTSOCK: something else is, which may be a link to a
 * socket; -ECONNREFUSED: a socket that nobody listens at.
 */
int local_socket_connect(int fd, const struct sockaddr_un *address);

#endif
