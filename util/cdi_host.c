/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/cdi_host.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PREFIX "vtpm-cuse.org-host-"
#define SUFFIX ".json"

static bool is_alphanumeric(char c)
{
	return isalnum((unsigned char)c) && isascii(c);
}

bool cdi_name_is_valid(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < len; i++) {
		if (!is_alphanumeric(name[i]) && strchr("_.:-", name[i]) == NULL)
			return false;
	}
	return len > 0 && is_alphanumeric(name[0]) && is_alphanumeric(name[len - 1]);
}

int cdi_host_file(const char *name, char file[static NAME_MAX + 1])
{
	int n = snprintf(file, NAME_MAX + 1, PREFIX "%s" SUFFIX, name);

	return n > NAME_MAX ? -ENAMETOOLONG : 0;
}

bool cdi_host_name(const char *file, char name[static NAME_MAX + 1])
{
	const size_t prefix = strlen(PREFIX), suffix = strlen(SUFFIX), len = strlen(file);

	if (len <= prefix + suffix || len > NAME_MAX || strncmp(file, PREFIX, prefix) != 0 ||
	    strcmp(file + len - suffix, SUFFIX) != 0)
		return false;
	(void)snprintf(name, NAME_MAX + 1, "%.*s", (int)(len - prefix - suffix), file + prefix);
	return true;
}

int cdi_host_remove(const char *name)
{
	char file[NAME_MAX + 1], path[sizeof(CDI_RUN_DIR) + sizeof(file)];
	int r = cdi_host_file(name, file);

	if (r < 0)
		return r;
	(void)snprintf(path, sizeof(path), "%s/%s", CDI_RUN_DIR, file);
	return unlink(path) < 0 ? -errno : 0;
}
