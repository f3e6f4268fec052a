/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/state/holder.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/file.h"

/* A process ID of 10 digits at most, what stands between and behind. */
#define TEXT_MOST (NAME_MAX + 12)

static bool is_name(const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (name[i] == '/' || !isascii(name[i]) || !isgraph(name[i]))
			return false;
	}
	return len > 0 && len <= NAME_MAX;
}

int holder_parse(const char *text, size_t len, struct holder *ret)
{
	const char *space = memchr(text, ' ', len);
	const char *end = text + len;
	int64_t pid = 0;

	if (space == NULL || end[-1] != '\n' || !is_name(space + 1, (size_t)(end - space) - 2))
		return -EINVAL;
	for (const char *digit = text; digit < space && pid <= INT_MAX; digit++)
		pid = isdigit((unsigned char)*digit) ? 10 * pid + (*digit - '0')
						     : (int64_t)INT_MAX + 1;
	if (pid <= 0 || pid > INT_MAX)
		return -EINVAL;
	ret->pid = (pid_t)pid;
	(void)snprintf(ret->name, sizeof(ret->name), "%.*s", (int)(end - space) - 2, space + 1);
	return 0;
}

void holder_write(int lock_fd, const char *name)
{
	char text[TEXT_MOST + 1];
	int len = snprintf(text, sizeof(text), "%d %.*s\n", (int)getpid(), NAME_MAX, name);

	/* It is a hint: a disk that is full has no room for it. */
	if (ftruncate(lock_fd, 0) == 0)
		(void)pwrite_all(lock_fd, text, (size_t)len, 0);
}

int holder_read(int lock_fd, struct holder *ret)
{
	char text[TEXT_MOST + 1];
	ssize_t len = pread_full(lock_fd, text, sizeof(text), 0);

	if (len < 0)
		return (int)len;
	return holder_parse(text, (size_t)len, ret);
}
