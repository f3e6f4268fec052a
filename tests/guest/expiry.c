/* SPDX-License-Identifier: BSD-3-Clause */
/* expiry FD: FD is a vTPM with an unread response that is about to expire. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct pollfd poll_fd = { .events = POLLIN };
	char byte;

	if (argc != 2)
		return 2;
	poll_fd.fd = atoi(argv[1]);
	if (poll(&poll_fd, 1, 0) != 1 || poll_fd.revents != POLLIN) {
		(void)puts("the response has gone before its time");
		return 1;
	}
	poll_fd.events = POLLOUT;
	if (poll(&poll_fd, 1, 9000) != 1 || poll_fd.revents != POLLOUT) {
		(void)puts("it does not become writable");
		return 1;
	}
	return read(poll_fd.fd, &byte, 1) == 0 ? 0 : 1;
}
