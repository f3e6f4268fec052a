/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/next_minor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/error.h"
#include "util/file.h"

#define MINORS (1 << 20)
#define FILE_NAME "next"

/* A counter that was lost only makes a number come back earlier. */
static uint32_t read_counter(int dir_fd)
{
	cleanup_free char *text = NULL;

	if (read_file(dir_fd, FILE_NAME, 32, &text, NULL) < 0)
		return 0;
	return (uint32_t)strtoul(text, NULL, 10) % MINORS;
}

static int write_counter(int dir_fd, uint32_t counter)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u\n", counter);

	return replace_file(dir_fd, FILE_NAME, text, (size_t)len, 0600);
}

int next_minor(int dir_fd, uint32_t major, minor_taken *taken, const void *context, uint32_t *ret,
	       struct error *err)
{
	uint32_t counter = read_counter(dir_fd);

	for (uint32_t i = 0; i < MINORS; i++) {
		uint32_t candidate = (counter + i) % MINORS;
		int r;

		if (taken(major, candidate, context))
			continue;
		r = write_counter(dir_fd, (candidate + 1) % MINORS);
		if (r < 0)
			return error_set(err, -r, "write the counter of device numbers");
		*ret = candidate;
		return 0;
	}
	return error_say(err, ENOSPC, "major %u has no free device number", major);
}

bool minor_is_in_use(uint32_t major, uint32_t minor, const void *context)
{
	char path[64];

	(void)context;
	(void)snprintf(path, sizeof(path), "/sys/dev/char/%u:%u", major, minor);
	return access(path, F_OK) == 0;
}
