/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/host/tpm_device.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/host/device_number.h"
#include "util/error.h"

/* The last part of what the link at PATH leads to. */
static int read_name(const char *path, char name[static PATH_MAX])
{
	char target[PATH_MAX];
	ssize_t n = readlink(path, target, sizeof(target) - 1);
	const char *slash;

	if (n < 0)
		return -errno;
	target[n] = '\0';
	slash = strrchr(target, '/');
	(void)strcpy(name, slash != NULL ? slash + 1 : target);
	return 0;
}

static bool makes_tpms(const char *subsystem)
{
	return strcmp(subsystem, "cuse") == 0 || strcmp(subsystem, "tpm") == 0 ||
	       strcmp(subsystem, "tpmrm") == 0;
}

int tpm_device_check(const char *sysfs, const struct device_number *number, struct error *err)
{
	char path[PATH_MAX], name[PATH_MAX], subsystem[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/dev/char/%u:%u", sysfs != NULL ? sysfs : "/sys",
			 number->major, number->minor);
	int r;

	if (n + (int)sizeof("/subsystem") > (int)sizeof(path))
		return error_set(err, ENAMETOOLONG, "look for device %u:%u", number->major,
				 number->minor);
	r = read_name(path, name);
	if (r == 0) {
		(void)strcpy(path + n, "/subsystem");
		r = read_name(path, subsystem);
	}
	if (r == -ENOENT)
		return error_say(err, EINVAL, "there is no device %u:%u on this host",
				 number->major, number->minor);
	if (r < 0)
		return error_set(err, -r, "look for device %u:%u", number->major, number->minor);
	if (!makes_tpms(subsystem) || strncmp(name, "tpm", 3) != 0)
		return error_say(err, EINVAL, "device %u:%u is %.64s, which is no TPM",
				 number->major, number->minor, name);
	return 0;
}
