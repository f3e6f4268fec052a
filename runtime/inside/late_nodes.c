/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/inside/late_nodes.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "runtime/host/open_in_root.h"
#include "runtime/inside/confine.h"
#include "runtime/inside/mask.h"
#include "runtime/inside/own_child.h"
#include "util/capabilities.h"
#include "util/cleanup.h"
#include "util/error.h"

#define PATIENCE_MS 10000

/* To enter: a mount namespace, by the container's /proc. And then: nodes, their owners, mounts. */
#define WORKING                                                                                   \
	(UINT64_C(1) << CAP_CHOWN | UINT64_C(1) << CAP_DAC_OVERRIDE | UINT64_C(1) << CAP_FOWNER | \
	 UINT64_C(1) << CAP_MKNOD | UINT64_C(1) << CAP_SETGID | UINT64_C(1) << CAP_SETUID |       \
	 UINT64_C(1) << CAP_SYS_ADMIN)
#define ENTERING (WORKING | UINT64_C(1) << CAP_SYS_CHROOT | UINT64_C(1) << CAP_SYS_PTRACE)

/* In the child: where it is. Nothing is closed, as the child ends. */
struct visit {
	int mount_ns, root, dev;
	struct stat host_dev;
};

static int begin_visit(const struct process *init, struct visit *visit, struct error *err)
{
	int r = inside_confine(err);

	if (r == 0)
		r = capabilities_limit(ENTERING, true, err);
	if (r < 0)
		return r;
	if (stat("/dev", &visit->host_dev) < 0)
		return error_set(err, errno, "look at /dev");
	visit->mount_ns = mount_namespace_open(init->pid, err);
	if (visit->mount_ns < 0)
		return visit->mount_ns;
	if (!process_lives(init))
		return error_say(err, ESRCH, "the container has ended");
	return 0;
}

static int open_dev(int root)
{
	return open_in_root(root, "dev", O_PATH | O_DIRECTORY, RESOLVE_NO_SYMLINKS);
}

/* Checks the type of the file system first: any other could be served by the container itself. */
static int check_dev(const struct visit *visit, struct error *err)
{
	struct stat root, dev;
	struct statfs fs;

	if (fstatfs(visit->dev, &fs) < 0 || fstat(visit->dev, &dev) < 0 ||
	    fstat(visit->root, &root) < 0)
		return error_set(err, errno, "look at the container's /dev");
	if (fs.f_type != TMPFS_MAGIC)
		return error_say(err, EINVAL,
				 "the container's /dev is neither a tmpfs nor a devtmpfs");
	if (dev.st_dev == root.st_dev)
		return error_say(err, EINVAL, "the container's /dev is no mount of its own");
	if (dev.st_dev == visit->host_dev.st_dev && dev.st_ino == visit->host_dev.st_ino)
		return error_say(err, EINVAL, "the container's /dev is the host's own");
	return 0;
}

/* From here on no path below /proc is used, because the container controls what is there. */
static int enter(struct visit *visit, struct error *err)
{
	/* For the case that the process has threads: it may share the root directory with none. */
	if (unshare(CLONE_FS) < 0 || setns(visit->mount_ns, CLONE_NEWNS) < 0)
		return error_set(err, errno, "enter the container's mount namespace");
	if (capabilities_limit(WORKING, true, err) < 0)
		return -EPERM;
	visit->root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (visit->root < 0)
		return error_set(err, errno, "open the container's root directory");
	visit->dev = open_dev(visit->root);
	if (visit->dev < 0)
		return error_set(err, -visit->dev, "open the container's /dev");
	return check_dev(visit, err);
}

/* --- removing --- */

static void unmount(int dev, const char *name)
{
	if (fchdir(dev) == 0)
		(void)umount2(name, MNT_DETACH | UMOUNT_NOFOLLOW);
}

static void remove_name(int dev, const char *name, dev_t number, const struct file_id *point)
{
	struct stat st;

	if (name[0] == '\0' || fstatat(dev, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	if (S_ISCHR(st.st_mode) && st.st_rdev == number) {
		if (file_id_known(point))
			unmount(dev, name);
		else
			(void)unlinkat(dev, name, 0);
	}
	node_point_remove(dev, name, point);
}

static void remove_all(int dev, const struct container_node *nodes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		dev_t number = node_number(&nodes[i]);

		remove_name(dev, nodes[i].name, number, &nodes[i].point);
		remove_name(dev, nodes[i].alias, number, &nodes[i].alias_point);
	}
}

/* --- making --- */

static int put(int dev, const struct container_node *node, struct error *err)
{
	int r = node_make(dev, node->name, node, node->uid, node->gid);

	if (r == -EEXIST)
		return error_say(err, EEXIST, "/dev/%s is there already in the container",
				 node->name);
	return r < 0 ? error_set(err, -r, "make /dev/%s in the container", node->name) : 0;
}

static int bind(int dev, struct container_node *node, const int trees[static 2], struct error *err)
{
	int r = node_bind(dev, node->name, trees[0], &node->point, err);

	if (r == 0 && node->alias[0] != '\0')
		r = node_bind(dev, node->alias, trees[1], &node->alias_point, err);
	if (r < 0 && file_id_known(&node->point))
		remove_name(dev, node->name, node_number(node), &node->point);
	if (r < 0 && file_id_known(&node->alias_point))
		remove_name(dev, node->alias, node_number(node), &node->alias_point);
	return r;
}

/* If the container has mounted another /dev meanwhile, it cannot see the nodes in this one. */
static int check_again(const struct visit *visit, struct error *err)
{
	int dev = open_dev(visit->root);
	struct stat first, now;

	if (dev < 0 || fstat(dev, &now) < 0 || fstat(visit->dev, &first) < 0)
		return error_say(err, EBUSY, "the container's /dev is gone");
	if (now.st_dev != first.st_dev || now.st_ino != first.st_ino)
		return error_say(err, EBUSY, "the container's /dev is another one now");
	return 0;
}

/* On failure removes what was made here, and only that. */
static int make_all(const struct visit *visit, const struct nodes_place *place,
		    struct container_node *nodes, int (*trees)[2], struct error *err)
{
	size_t made = 0;
	int r = 0;

	while (r == 0 && made < place->count) {
		struct container_node *node = &nodes[made];

		r = place->user_namespace ? bind(visit->dev, node, trees[made], err)
					  : put(visit->dev, node, err);
		made += r == 0;
	}
	if (r == 0)
		r = check_again(visit, err);
	if (r < 0)
		remove_all(visit->dev, nodes, made);
	return r;
}

static int make(const void *arg, void *data, struct error *err)
{
	static int trees[NODES_MOST][2];
	const struct nodes_place *place = arg;
	struct visit visit;
	int r = begin_visit(&place->init, &visit, err);

	if (r == 0 && place->user_namespace)
		r = node_trees_make(place, trees, err);
	if (r == 0)
		r = enter(&visit, err);
	if (r == 0)
		r = mask_names(visit.root, err);
	return r == 0 ? make_all(&visit, place, data, trees, err) : r;
}

int late_nodes_make(const struct nodes_place *place, struct error *err)
{
	int r;

	if (place->count > NODES_MOST)
		return error_say(err, EINVAL, "more than %d nodes", NODES_MOST);
	r = run_in_own_child(make, place, place->nodes, place->count * sizeof(place->nodes[0]),
			     PATIENCE_MS, err);
	return r == -ETIMEDOUT ? error_prefix(err, r, "the container's /dev") : r;
}

/* What is removed from. */
struct leaving {
	const struct process *init;
	size_t count;
};

static int take_away(const void *arg, void *data, struct error *err)
{
	const struct leaving *leaving = arg;
	struct visit visit;
	int r = begin_visit(leaving->init, &visit, err);

	if (r == 0)
		r = enter(&visit, err);
	if (r == 0)
		remove_all(visit.dev, data, leaving->count);
	return r;
}

int late_nodes_remove(const struct process *init, struct container_node *nodes, size_t count,
		      struct error *err)
{
	const struct leaving leaving = { .init = init, .count = count };
	int r = run_in_own_child(take_away, &leaving, nodes, count * sizeof(nodes[0]), PATIENCE_MS,
				 err);

	return r == -ETIMEDOUT ? error_prefix(err, r, "the container's /dev") : r;
}
