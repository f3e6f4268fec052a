/* SPDX-License-Identifier: BSD-3-Clause */
/* cgroup v1: the devices controller. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "runtime/host/device_number.h"
#include "runtime/rule/backends.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/file.h"

int device_rule_v1_allow(const char *group, const struct device_number *devices, size_t count,
			 struct error *err)
{
	cleanup_close int dir = open(group, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_close int fd = -1;

	if (dir < 0)
		return error_set(err, errno, "open control group %s", group);
	fd = openat(dir, "devices.allow", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return error_set(err, errno, "open %s/devices.allow", group);
	for (size_t i = 0; i < count; i++) {
		char rule[48];
		int r;

		(void)snprintf(rule, sizeof(rule), "c %u:%u rw", devices[i].major,
			       devices[i].minor);
		r = write_all(fd, rule, strlen(rule));
		if (r == -EPERM)
			return error_say(err, EPERM,
					 "a control group above %s does not allow device %u:%u",
					 group, devices[i].major, devices[i].minor);
		if (r < 0)
			return error_set(err, -r, "allow device %u:%u in %s", devices[i].major,
					 devices[i].minor, group);
	}
	return 0;
}
