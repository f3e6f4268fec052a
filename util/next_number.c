/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/next_number.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "util/cleanup.h"
#include "util/file.h"

#define FILE_NAME "next"

/* A counter that was lost only makes a number come back earlier. */
static uint32_t read_counter(int dir_fd, uint32_t count)
{
	cleanup_free char *text = NULL;

	if (read_file(dir_fd, FILE_NAME, 32, &text, NULL) < 0)
		return 0;
	return (uint32_t)strtoul(text, NULL, 10) % count;
}

static int write_counter(int dir_fd, uint32_t counter)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u\n", counter);

	return replace_file(dir_fd, FILE_NAME, text, (size_t)len, 0600);
}

int next_number(int dir_fd, uint32_t count, number_taken *taken, void *context, uint32_t *ret)
{
	uint32_t counter = read_counter(dir_fd, count);

	for (uint32_t i = 0; i < count; i++) {
		uint32_t candidate = (uint32_t)(((uint64_t)counter + i) % count);

		if (taken(candidate, context))
			continue;
		*ret = candidate;
		return write_counter(dir_fd, (candidate + 1) % count);
	}
	return -ENOSPC;
}
