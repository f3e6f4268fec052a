/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/host/made_for.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/file.h"

#define MARK_MAX 512

static int read_boot(char boot[static BOOT_ID_LEN + 1])
{
	cleanup_free char *text = NULL;
	int r = read_path("/proc/sys/kernel/random/boot_id", 64, &text, NULL);

	if (r < 0)
		return r;
	(void)snprintf(boot, BOOT_ID_LEN + 1, "%.*s", (int)strcspn(text, "\n"), text);
	return 0;
}

int made_for_parse(const char *text, struct made_for *ret)
{
	size_t first = strcspn(text, "\n"), second;
	const char *boot = text + first + 1;

	if (first == 0 || first > NAME_MAX || text[first] == '\0' || memchr(text, '/', first))
		return -EINVAL;
	second = strcspn(boot, "\n");
	if (second != BOOT_ID_LEN || strcmp(boot + second, "\n") != 0)
		return -EINVAL;
	(void)snprintf(ret->container, sizeof(ret->container), "%.*s", (int)first, text);
	(void)snprintf(ret->boot, sizeof(ret->boot), "%.*s", (int)second, boot);
	return 0;
}

int made_for_write(int dir_fd, const char *container)
{
	char boot[BOOT_ID_LEN + 1], text[MARK_MAX];
	int r = read_boot(boot);
	int n = snprintf(text, sizeof(text), "%s\n%s\n", container, r == 0 ? boot : "");

	return r < 0 ? r : create_file(dir_fd, MADE_FOR_NAME, text, (size_t)n, 0600);
}

int made_for_read(int dir_fd, struct made_for *ret)
{
	cleanup_close int fd = open_regular(dir_fd, MADE_FOR_NAME, O_RDONLY);
	cleanup_free char *text = NULL;
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0 || st.st_uid != geteuid())
		return -ENOENT;
	r = read_whole(fd, MARK_MAX, &text, NULL);
	return r < 0 || made_for_parse(text, ret) < 0 ? -ENOENT : 0;
}

int made_for_remove(int dir_fd)
{
	return unlinkat(dir_fd, MADE_FOR_NAME, 0) < 0 && errno != ENOENT ? -errno : 0;
}

bool made_for_this_boot(const struct made_for *mark)
{
	char boot[BOOT_ID_LEN + 1];

	return read_boot(boot) < 0 || strcmp(boot, mark->boot) == 0;
}
