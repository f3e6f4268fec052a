/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/device/node.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "cuse/device/session.h"
#include "util/error.h"
#include "util/file.h"

/* The kernel's Documentation/admin-guide/devices.txt has the numbers of /dev/cuse. */
#define MISC_MAJOR 10
#define CUSE_MINOR 203

int node_check_name(const char *name, struct error *err)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789._-";
	size_t len = strlen(name);

	if (len >= 1 && len <= NODE_NAME_MAX && strspn(name, allowed) == len && name[0] != '.' &&
	    name[0] != '-')
		return 0;
	return error_say(err, EINVAL,
			 "name '%.*s' is not 1 to %d of [A-Za-z0-9._-] not starting with . or -",
			 64, name, NODE_NAME_MAX);
}

static void dev_path(char *path, size_t size, const char *name)
{
	(void)snprintf(path, size, "/dev/%s", name);
}

static bool sysfs_has_name(const char *name)
{
	char path[NAME_MAX + 32];

	(void)snprintf(path, sizeof(path), "/sys/class/cuse/%s", name);
	return access(path, F_OK) == 0;
}

static bool sysfs_has_dev(unsigned int major, unsigned int minor)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/sys/dev/char/%u:%u", major, minor);
	return access(path, F_OK) == 0;
}

int node_find_other(const struct node_options *options, char name[static NAME_MAX + 1])
{
	char path[64], target[PATH_MAX];
	const char *slash;
	ssize_t n;

	if (sysfs_has_name(options->name)) {
		(void)strcpy(name, options->name);
		return 0;
	}
	(void)snprintf(path, sizeof(path), "/sys/dev/char/%u:%u", options->major, options->minor);
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return -errno;
	target[n] = '\0';
	slash = strrchr(target, '/');
	(void)snprintf(name, NAME_MAX + 1, "%.*s", NAME_MAX, slash != NULL ? slash + 1 : target);
	return 0;
}

static int name_is_taken(const char *name, struct error *err)
{
	return error_say(err, EEXIST,
			 "name %s is taken by a device of CUSE that another program serves: end "
			 "that, or choose another --name",
			 name);
}

static int dev_is_taken(const struct node_options *options, struct error *err)
{
	char other[NAME_MAX + 1];

	if (node_find_other(options, other) < 0)
		(void)strcpy(other, "a driver of the kernel");
	return error_say(err, EEXIST,
			 "dev_t %u:%u is taken by %s: leave out --major, or choose "
			 "other numbers",
			 options->major, options->minor, other);
}

/*
 * Looks what is at /dev/NAME: nothing, a stale node (a server was killed where /dev is no
 * devtmpfs), or something else, which must stay.
 */
static int check_path(const struct node_options *options, bool *stale, struct error *err)
{
	char path[NAME_MAX + 8];
	struct stat st;

	*stale = false;
	dev_path(path, sizeof(path), options->name);
	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : error_set(err, errno, "look at %s", path);
	if (!S_ISCHR(st.st_mode))
		return error_say(
			err, EEXIST,
			"name %s is taken: %s is no character device: choose another --name",
			options->name, path);
	if (sysfs_has_dev(major(st.st_rdev), minor(st.st_rdev)))
		return error_say(err, EEXIST,
				 "name %s is taken: %s is device %u:%u: choose another --name",
				 options->name, path, major(st.st_rdev), minor(st.st_rdev));
	*stale = true;
	return 0;
}

static int open_cuse(int *ret, struct error *err)
{
	cleanup_close int fd = open("/dev/cuse", O_RDWR | O_CLOEXEC);
	struct stat st;

	if (fd < 0 && (errno == ENOENT || errno == ENODEV || errno == ENXIO))
		return error_say(err, ENODEV, "no /dev/cuse: modprobe cuse");
	if (fd < 0 && (errno == EACCES || errno == EPERM))
		return error_set(err, errno, "open /dev/cuse, which root may");
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_set(err, errno, "open /dev/cuse");
	/* Container engines hide a device by mounting /dev/null over it. */
	if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(MISC_MAJOR, CUSE_MINOR))
		return error_say(err, ENODEV, "/dev/cuse is not the device of CUSE");
	*ret = take_fd(fd);
	return 0;
}

int node_check(const struct node_options *options, struct error *err)
{
	cleanup_close int fd = -1;
	bool stale;
	int r;

	if (sysfs_has_name(options->name))
		return name_is_taken(options->name, err);
	if (options->major != 0 && sysfs_has_dev(options->major, options->minor))
		return dev_is_taken(options, err);
	r = check_path(options, &stale, err);
	return r < 0 ? r : open_cuse(&fd, err);
}

/* The kernel reports no error for an answer that it refuses: it only closes the connection. */
static int check_accepted(const struct node_options *options, struct node *node, struct error *err)
{
	struct pollfd poll_fd = { .fd = session_fd(node->session), .events = POLLIN };

	if (poll(&poll_fd, 1, 0) >= 0 && (poll_fd.revents & POLLERR) == 0)
		return 0;
	if (sysfs_has_name(options->name))
		return name_is_taken(options->name, err);
	if (options->major != 0)
		return dev_is_taken(options, err);
	return error_say(err, EIO, "the kernel refuses to make device %s", options->name);
}

static int read_dev(struct node *node, struct error *err)
{
	char path[NAME_MAX + 32];
	cleanup_free char *text = NULL;
	unsigned int major, minor;
	int r;

	(void)snprintf(path, sizeof(path), "/sys/class/cuse/%s/dev", node->name);
	r = read_path(path, 64, &text, NULL);
	if (r < 0)
		return error_set(err, -r, "read %s", path);
	if (sscanf(text, "%u:%u", &major, &minor) != 2)
		return error_say(err, EIO, "%s is not MAJOR:MINOR", path);
	node->dev = makedev(major, minor);
	return 0;
}

/* Called before the device is made, since the new device may get the number of the stale node. */
static int remove_stale(const struct node_options *options, const char *path, struct error *err)
{
	bool stale;
	int r = check_path(options, &stale, err);

	if (r < 0 || !stale)
		return r;
	return unlink(path) < 0 ? error_set(err, errno, "remove the stale %s", path) : 0;
}

/* Makes the node where /dev is no devtmpfs. */
static int make_path(struct node *node, const char *path, struct error *err)
{
	struct stat st;

	if (lstat(path, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == node->dev)
		return 0;
	if (mknod(path, S_IFCHR | 0600, node->dev) < 0)
		return error_set(err, errno, "make %s", path);
	node->made_it = true;
	return 0;
}

int node_set_permissions(const struct node_options *options, struct error *err)
{
	char path[NAME_MAX + 8];

	dev_path(path, sizeof(path), options->name);
	if (options->set_owner && lchown(path, options->uid, options->gid) < 0)
		return error_set(err, errno, "change the owner of %s", path);
	if (options->set_mode && chmod(path, options->mode) < 0)
		return error_set(err, errno, "change the mode of %s", path);
	return 0;
}

/* Has the kernel make the device. */
static int open_session(const struct node_options *options, enum device_node kind,
			struct device *device, struct node *node, struct error *err)
{
	const struct session_options session = {
		.name = options->name,
		.major = options->major,
		.minor = options->minor,
		.kind = kind,
		.device = device,
	};
	int fd, r;

	r = open_cuse(&fd, err);
	if (r == 0)
		r = session_open(&session, fd, &node->session, err);
	if (r == 0)
		r = check_accepted(options, node, err);
	return r < 0 ? r : read_dev(node, err);
}

int node_open(const struct node_options *options, enum device_node kind, struct device *device,
	      struct node **ret, struct error *err)
{
	cleanup_with(node_closep) struct node *node = calloc(1, sizeof(*node));
	char path[NAME_MAX + 8];
	int r;

	if (node == NULL)
		return error_set(err, ENOMEM, "make device %s", options->name);
	node->name = options->name;
	dev_path(path, sizeof(path), options->name);
	r = remove_stale(options, path, err);
	if (r == 0)
		r = open_session(options, kind, device, node, err);
	if (r == 0)
		r = make_path(node, path, err);
	if (r == 0)
		r = node_set_permissions(options, err);
	if (r < 0)
		return r;
	*ret = take_ptr(node);
	return 0;
}

static void remove_path(const struct node *node)
{
	char path[NAME_MAX + 8];
	struct stat st;

	dev_path(path, sizeof(path), node->name);
	if (lstat(path, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == node->dev)
		(void)unlink(path);
}

void node_close(struct node *node)
{
	if (node == NULL)
		return;
	if (node->made_it)
		remove_path(node);
	session_close(node->session);
	free(node);
}
