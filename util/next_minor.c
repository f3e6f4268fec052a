/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/next_minor.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "util/error.h"
#include "util/next_number.h"

#define MINORS (1 << 20)

/* What is asked of whom. */
struct question {
	uint32_t major;
	minor_taken *taken;
	const void *context;
};

static bool is_taken(uint32_t minor, void *context)
{
	const struct question *question = context;

	return question->taken(question->major, minor, question->context);
}

int next_minor(int dir_fd, uint32_t major, minor_taken *taken, const void *context, uint32_t *ret,
	       struct error *err)
{
	struct question question = { major, taken, context };
	int r = next_number(dir_fd, MINORS, is_taken, &question, ret);

	if (r == -ENOSPC)
		return error_say(err, ENOSPC, "major %u has no free device number", major);
	return r < 0 ? error_set(err, -r, "write the counter of device numbers") : 0;
}

bool minor_is_in_use(uint32_t major, uint32_t minor, const void *context)
{
	char path[64];

	(void)context;
	(void)snprintf(path, sizeof(path), "/sys/dev/char/%u:%u", major, minor);
	return access(path, F_OK) == 0;
}
