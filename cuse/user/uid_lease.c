/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/user/uid_lease.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/file.h>

#include "util/cleanup.h"
#include "util/error.h"
#include "util/file.h"
#include "util/lock_file.h"
#include "util/next_number.h"
#include "util/uid_range.h"

struct lease {
	const struct uid_range *range;
	int dir_fd;
	int fd;    /* the lock of the number that was taken; -1: none */
	int error; /* why the last number could not be checked; 0: all could */
};

/* Takes flock(), for which read access is enough: a server can do nothing else with the file. */
static bool is_taken(uint32_t number, void *context)
{
	struct lease *lease = context;
	cleanup_close int fd = -1;
	char name[16];

	(void)snprintf(name, sizeof(name), "%u", (unsigned int)(lease->range->first + number));
	fd = open_regular(lease->dir_fd, name, O_RDONLY | O_CREAT);
	if (fd < 0)
		lease->error = fd;
	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
		return true;
	lease->fd = take_fd(fd);
	return false;
}

int uid_lease_take(int dir_fd, const struct uid_range *range, uid_t *ret, struct error *err)
{
	struct lease lease = { range, dir_fd, -1, 0 };
	cleanup_close int lock_fd = lock_file_wait(dir_fd, ".lock");
	uint32_t number;
	int r;

	if (lock_fd < 0)
		return error_set(err, -lock_fd, "lock the book of users");
	r = next_number(dir_fd, range->last - range->first + 1, is_taken, &lease, &number);
	if (r == -ENOSPC && lease.error == 0)
		return error_say(err, ENOSPC, "each user from %u to %u serves a vTPM",
				 (unsigned int)range->first, (unsigned int)range->last);
	if (r < 0) {
		closep(&lease.fd);
		r = lease.error != 0 ? lease.error : r;
		return error_set(err, -r, "find a user for the server");
	}
	*ret = range->first + number;
	return lease.fd;
}
