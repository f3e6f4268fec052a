/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/config/io_limits.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "util/bytes.h"
#include "util/cleanup.h"

/* As io.max calls them. */
static const char *const io_names[IO_LIMITS] = { "rbps", "wbps", "riops", "wiops" };

static struct io_limit *io_device(struct io_limits *limits, unsigned int major, unsigned int minor)
{
	struct io_limit *new = &limits->devices[limits->count];

	for (size_t i = 0; i < limits->count; i++) {
		if (limits->devices[i].major == major && limits->devices[i].minor == minor)
			return &limits->devices[i];
	}
	if (limits->count == IO_DEVICES_MOST)
		return NULL;
	limits->count++;
	*new = (struct io_limit){ major, minor, { 0 } };
	memset(new->most, 0xff, sizeof(new->most));
	return new;
}

/* A word NAME=NUMBER, or NAME=max. */
static int io_tighten(struct io_limit *limit, const char *word)
{
	size_t i = 0, len;
	unsigned long value;

	for (; i < IO_LIMITS; i++) {
		len = strlen(io_names[i]);
		if (strncmp(word, io_names[i], len) == 0 && word[len] == '=')
			break;
	}
	if (i == IO_LIMITS)
		return -EINVAL;
	word += len + 1;
	if (strcmp(word, "max") == 0)
		return 0;
	if (number_parse(word, 10, ULONG_MAX, &value) < 0)
		return -EINVAL;
	if (value < limit->most[i])
		limit->most[i] = value;
	return 0;
}

static int io_line(struct io_limits *limits, char *line, bool tighten)
{
	const char *word = strsep(&line, " ");
	struct io_limit *limit;
	unsigned int major, minor;
	char rest;

	if (sscanf(word, "%9u:%9u%c", &major, &minor, &rest) != 2)
		return -EINVAL;
	limit = io_device(limits, major, minor);
	if (limit == NULL)
		return -E2BIG;
	while (tighten && (word = strsep(&line, " ")) != NULL) {
		if (*word != '\0' && io_tighten(limit, word) < 0)
			return -EINVAL;
	}
	return 0;
}

int io_limits_add(struct io_limits *limits, const char *text, bool tighten)
{
	cleanup_free char *copy = strdup(text);
	char *rest = copy, *line;
	int r = copy == NULL ? -ENOMEM : 0;

	while (r == 0 && (line = strsep(&rest, "\n")) != NULL) {
		if (*line != '\0')
			r = io_line(limits, line, tighten);
	}
	return r;
}

int io_limits_set(struct io_limits *limits, unsigned int major, unsigned int minor, size_t which,
		  uint64_t most)
{
	struct io_limit *limit = io_device(limits, major, minor);

	if (limit == NULL)
		return -E2BIG;
	limit->most[which] = most;
	return 0;
}

void io_limit_line(const struct io_limit *limit, char *ret, size_t size)
{
	size_t len = (size_t)snprintf(ret, size, "%u:%u", limit->major, limit->minor);

	for (size_t i = 0; i < IO_LIMITS && len < size; i++) {
		uint64_t most = limit->most[i];

		if (most == UINT64_MAX)
			len += (size_t)snprintf(ret + len, size - len, " %s=max", io_names[i]);
		else
			len += (size_t)snprintf(ret + len, size - len, " %s=%" PRIu64, io_names[i],
						most);
	}
}

bool io_limit_is_any(const struct io_limit *limit)
{
	for (size_t i = 0; i < IO_LIMITS; i++) {
		if (limit->most[i] != UINT64_MAX)
			return true;
	}
	return false;
}
