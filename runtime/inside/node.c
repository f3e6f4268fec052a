/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/inside/node.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/detached_mount.h"
#include "util/error.h"
#include "util/file.h"
#include "util/id_map.h"

dev_t node_number(const struct container_node *node)
{
	return makedev(node->number.major, node->number.minor);
}

void container_node_name(struct container_node *node, const char *path, const char *alias)
{
	(void)snprintf(node->name, sizeof(node->name), "%s", path + strlen("/dev/"));
	(void)snprintf(node->alias, sizeof(node->alias), "%s", alias);
}

int mount_namespace_open(pid_t pid, struct error *err)
{
	struct stat own, its;
	cleanup_close int fd = -1;
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/mnt", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &its) < 0 || stat("/proc/self/ns/mnt", &own) < 0)
		return error_set(err, errno, "open %s", path);
	if (own.st_ino == its.st_ino && own.st_dev == its.st_dev)
		return error_say(err, EINVAL, "the container has no mount namespace of its own");
	return take_fd(fd);
}

int node_make(int dir, const char *name, const struct container_node *node, uint32_t uid,
	      uint32_t gid)
{
	mode_t old = umask(0);
	int r = 0;

	if (mknodat(dir, name, S_IFCHR | node->mode, node_number(node)) < 0)
		r = -errno;
	(void)umask(old);
	if (r == 0 && fchownat(dir, name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0)
		r = -errno;
	return r;
}

/* --- in a user namespace --- */

static int map_id(pid_t pid, const char *file, uint32_t id, uint32_t *ret, struct error *err)
{
	cleanup_free char *text = NULL;
	char path[32];
	int r;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	r = read_path(path, 65536, &text, NULL);
	if (r == 0)
		r = id_map_find(text, id, ret);
	if (r == -ENOENT)
		return error_say(err, EINVAL, "%u is not in the container's %s", id, file);
	return r < 0 ? error_set(err, -r, "read %s", path) : 0;
}

static int make_mapped_node(int dir, const char *name, pid_t init,
			    const struct container_node *node, struct error *err)
{
	uint32_t uid, gid;
	int r;

	r = map_id(init, "uid_map", node->uid, &uid, err);
	if (r == 0)
		r = map_id(init, "gid_map", node->gid, &gid, err);
	if (r < 0)
		return r;
	r = node_make(dir, name, node, uid, gid);
	return r < 0 ? error_set(err, -r, "make a node for %s", node->name) : 0;
}

/* The node and its mounts, before their maker leaves for the container's namespace. */
static int make_tree(int dir, pid_t init, const struct container_node *node, size_t i,
		     int trees[static 2], struct error *err)
{
	char name[24];
	int r;

	(void)snprintf(name, sizeof(name), "%zu", i);
	r = make_mapped_node(dir, name, init, node, err);
	if (r < 0)
		return r;
	for (int j = 0; j < (node->alias[0] != '\0' ? 2 : 1); j++) {
		trees[j] = detached_clone(dir, name);
		if (trees[j] < 0)
			return error_set(err, -trees[j], "open the node of %s", node->name);
	}
	return 0;
}

int node_trees_make(const struct nodes_place *place, int (*trees)[2], struct error *err)
{
	cleanup_close int dir = -1;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("vtpm-cuse", place->work_dir, "tmpfs", MS_NOSUID | MS_NOEXEC,
		  "mode=755,size=64k") < 0)
		return error_set(err, errno, "mount a tmpfs for the nodes");
	dir = open(place->work_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return error_set(err, errno, "open %s", place->work_dir);
	for (size_t i = 0; i < place->count; i++) {
		int r = make_tree(dir, place->init.pid, &place->nodes[i], i, trees[i], err);

		if (r < 0)
			return r;
	}
	return 0;
}

void node_trees_init(int (*trees)[2], size_t count)
{
	for (size_t i = 0; i < count; i++)
		trees[i][0] = trees[i][1] = -1;
}

void node_trees_close(int (*trees)[2], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		closep(&trees[i][0]);
		closep(&trees[i][1]);
	}
}

/*
 * The mount point is made as the owner of /dev: on a file system of a user namespace the host's
 * root has no number and may make nothing.
 */
static int make_mount_point(int dev, const char *name)
{
	struct stat st;
	int fd, r;

	if (fstat(dev, &st) < 0)
		return -errno;
	(void)setfsgid(st.st_gid);
	(void)setfsuid(st.st_uid);
	fd = openat(dev, name, O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	r = fd < 0 ? -errno : fd;
	(void)setfsuid(0);
	(void)setfsgid(0);
	return r;
}

int node_bind(int dev, const char *name, int tree, struct file_id *point, struct error *err)
{
	cleanup_close int target = make_mount_point(dev, name);
	struct stat st;
	int r;

	if (target == -EEXIST)
		return error_say(err, EEXIST, "/dev/%s is there already in the container", name);
	if (target < 0 || fstat(target, &st) < 0)
		return error_set(err, target < 0 ? -target : errno, "make /dev/%s in the container",
				 name);
	*point = file_id_of(&st);
	r = attach_mount(tree, target);
	return r < 0 ? error_set(err, -r, "bind /dev/%s in the container", name) : 0;
}

void node_point_remove(int dev, const char *name, const struct file_id *point)
{
	struct file_id found;
	struct stat st;

	if (name[0] == '\0' || fstatat(dev, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	found = file_id_of(&st);
	if (S_ISREG(st.st_mode) && st.st_size == 0 && file_id_same(&found, point))
		(void)unlinkat(dev, name, 0);
}
