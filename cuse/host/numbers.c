/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/host/numbers.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "cuse/device/node.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/file.h"
#include "util/free_major.h"
#include "util/lock_file.h"
#include "util/next_minor.h"

#define BOOK_DIR RUNSTATEDIR "/vtpm-cuse/leases"
#define CLASS_DIR "/sys/class/cuse"

/* Each device has a line of at most 70 characters. */
#define DEVICES_MAX (1 << 20)

/* CUSE registers single numbers, so its devices can share a major. */
static bool is_cuse(uint32_t major, const void *context)
{
	cleanup_with(closedirp) DIR *devices = opendir(CLASS_DIR);

	(void)context;
	for (struct dirent *entry; devices != NULL && (entry = readdir(devices)) != NULL;) {
		cleanup_free char *text = NULL;
		char path[sizeof(CLASS_DIR) + NAME_MAX + 8];
		unsigned int number;

		(void)snprintf(path, sizeof(path), CLASS_DIR "/%s/dev", entry->d_name);
		if (entry->d_name[0] != '.' && read_path(path, 64, &text, NULL) == 0 &&
		    sscanf(text, "%u:", &number) == 1 && number == major)
			return true;
	}
	return false;
}

static int choose_major(uint32_t *ret, struct error *err)
{
	cleanup_free char *devices = NULL;
	int r = read_path("/proc/devices", DEVICES_MAX, &devices, NULL);

	if (r < 0)
		return error_set(err, -r, "read /proc/devices");
	r = free_major(devices, is_cuse, NULL, ret);
	return r < 0 ? error_say(err, ENOSPC, "every major number for local use is taken") : 0;
}

int node_numbers_take(struct node_options *nodes, size_t count, struct error *err)
{
	cleanup_close int dir_fd = open(BOOK_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_close int lock_fd = -1;
	uint32_t major, minor;
	int r;

	if (dir_fd < 0)
		return 0;
	lock_fd = lock_file_wait(dir_fd, ".lock");
	if (lock_fd < 0)
		return error_set(err, -lock_fd, "lock " BOOK_DIR);
	r = choose_major(&major, err);
	for (size_t i = 0; i < count && r == 0; i++) {
		r = next_minor(dir_fd, major, minor_is_in_use, NULL, &minor, err);
		nodes[i].major = major;
		nodes[i].minor = minor;
	}
	return r;
}
