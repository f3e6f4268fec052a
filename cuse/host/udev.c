/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/host/udev.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "cuse/control/client.h"
#include "cuse/device/node.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/error.h"
#include "util/dir.h"
#include "util/file.h"

#define UDEV_DIR "/run/udev"
#define RECORDS_DIR UDEV_DIR "/data"
#define RECORD_MAX 65536

/* The longest wait for a busy udev; after it, the start goes on without. */
#define HANDLED_MS 20000

static bool is_concerned(const struct node_options *options)
{
	return (options->set_owner || options->set_mode) && access(UDEV_DIR "/control", F_OK) == 0;
}

static void name_of(const struct node_options *options, char name[static NAME_MAX + 1])
{
	(void)snprintf(name, NAME_MAX + 1, "%.*s.udev", NODE_NAME_MAX, options->name);
}

/* Also removes the wishes of an earlier server that was killed during its start. */
void udev_forget(const struct node_options *options)
{
	char name[NAME_MAX + 1], path[PATH_MAX];

	name_of(options, name);
	(void)snprintf(path, sizeof(path), CONTROL_DIR "/%s", name);
	(void)unlink(path);
}

int udev_announce(const struct node_options *options, struct error *err)
{
	char name[NAME_MAX + 1], owner[64] = "", mode[32] = "", text[128];
	cleanup_close int dir_fd = -1;
	int len, r;

	udev_forget(options);
	if (!is_concerned(options))
		return 0;
	if (options->set_owner)
		(void)snprintf(owner, sizeof(owner), "VTPM_CUSE_OWNER=%u\nVTPM_CUSE_GROUP=%u\n",
			       options->uid, options->gid);
	if (options->set_mode)
		(void)snprintf(mode, sizeof(mode), "VTPM_CUSE_MODE=0%o\n", options->mode);
	len = snprintf(text, sizeof(text), "%s%s", owner, mode);
	name_of(options, name);
	r = open_dir_all(CONTROL_DIR, 0755, &dir_fd, err);
	if (r < 0)
		return r;
	r = replace_file(dir_fd, name, text, (size_t)len, 0644);
	return r < 0 ? error_set(err, -r, "write %s/%s", CONTROL_DIR, name) : 0;
}

/* Looks for the line "I:MICROSECONDS". */
int64_t udev_handled_at(const char *record)
{
	unsigned long long microseconds;

	for (const char *line = record; line != NULL; line = strchr(line, '\n')) {
		line += strspn(line, "\n");
		if (sscanf(line, "I:%llu", &microseconds) == 1 && microseconds / 1000 < INT64_MAX)
			return (int64_t)(microseconds / 1000);
	}
	return 0;
}

static bool is_handled(const char *path, int64_t since)
{
	cleanup_free char *record = NULL;

	return read_path(path, RECORD_MAX, &record, NULL) == 0 && udev_handled_at(record) >= since;
}

/* False: the record did not appear in time. */
static bool wait_for_record(dev_t dev, int64_t since)
{
	cleanup_close int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	struct pollfd changed = { .fd = fd, .events = POLLIN };
	char path[64], events[4096];
	int64_t end = monotonic_ms() + HANDLED_MS;

	(void)snprintf(path, sizeof(path), RECORDS_DIR "/c%u:%u", major(dev), minor(dev));
	if (fd < 0 ||
	    inotify_add_watch(fd, RECORDS_DIR, IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE) < 0)
		return false;
	while (!is_handled(path, since)) {
		int64_t left = end - monotonic_ms();

		if (left <= 0 || (poll(&changed, 1, (int)left) < 0 && errno != EINTR))
			return false;
		while (read(fd, events, sizeof(events)) > 0)
			continue;
	}
	return true;
}

int udev_wait(const struct node_options *options, dev_t dev, int64_t since, struct error *err)
{
	char path[NAME_MAX + 8];
	struct stat st;
	int r;

	if (!is_concerned(options))
		return 0;
	/* udev needs the file until it has its own record. Without the record, keep the file. */
	if (wait_for_record(dev, since))
		udev_forget(options);
	r = node_set_permissions(options, err);
	if (r < 0)
		return r;
	(void)snprintf(path, sizeof(path), "/dev/%s", options->name);
	if (lstat(path, &st) < 0)
		return error_set(err, errno, "look at %s", path);
	if ((options->set_owner && (st.st_uid != options->uid || st.st_gid != options->gid)) ||
	    (options->set_mode && (st.st_mode & 0777) != options->mode))
		return error_say(err, EIO, "%s does not keep its owner and mode", path);
	return 0;
}
