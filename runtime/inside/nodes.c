/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/inside/nodes.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/host/open_in_root.h"
#include "runtime/inside/confine.h"
#include "runtime/inside/event_log.h"
#include "runtime/inside/own_thread.h"
#include "runtime/inside/mask.h"
#include "util/cleanup.h"
#include "util/error.h"

/* The thread that works on a container. */
struct worker {
	const struct nodes_place *place;
	int mount_ns; /* the container's */
	int dev, rootfs;
	int trees[NODES_MOST][2]; /* in a user namespace: mounts that are nowhere yet, one a name */
};

static void worker_init(struct worker *worker, const struct nodes_place *place)
{
	worker->place = place;
	worker->mount_ns = worker->dev = worker->rootfs = -1;
	node_trees_init(worker->trees, place->count);
}

static void worker_done(struct worker *worker)
{
	closep(&worker->mount_ns);
	closep(&worker->dev);
	closep(&worker->rootfs);
	node_trees_close(worker->trees, worker->place->count);
}

static int open_dev(struct worker *worker, struct error *err)
{
	cleanup_close int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat host, container;
	bool host_known = stat("/dev", &host) == 0;

	if (root < 0)
		return error_set(err, errno, "open /");
	worker->rootfs = open_in_root(root, worker->place->rootfs, O_PATH | O_DIRECTORY, 0);
	if (worker->rootfs < 0)
		return error_set(err, -worker->rootfs, "open %s", worker->place->rootfs);
	worker->dev =
		open_in_root(worker->rootfs, "dev", O_RDONLY | O_DIRECTORY, RESOLVE_NO_SYMLINKS);
	if (worker->dev < 0)
		return error_set(err, -worker->dev, "open the container's /dev");
	if (fstat(worker->dev, &container) < 0)
		return error_set(err, errno, "look at the container's /dev");
	if (host_known && host.st_dev == container.st_dev && host.st_ino == container.st_ino)
		return error_say(err, EINVAL, "the container's /dev is the host's own");
	return 0;
}

static bool is_as_wanted(const struct stat *st, const struct stat *wanted)
{
	return (st->st_mode & 07777) == (wanted->st_mode & 07777) && st->st_uid == wanted->st_uid &&
	       st->st_gid == wanted->st_gid;
}

/* FD is an O_PATH descriptor: the device itself is not opened. */
static int change(int fd, const struct stat *wanted)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fchownat(fd, "", wanted->st_uid, wanted->st_gid, AT_EMPTY_PATH) < 0 ||
	    chmod(path, wanted->st_mode & 07777) < 0)
		return -errno;
	return 0;
}

/* An existing name is acceptable only if it is the same device. */
static int check_existing(int dev, const char *name, dev_t number, struct stat *st,
			  struct error *err)
{
	if (fstatat(dev, name, st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISCHR(st->st_mode) ||
	    st->st_rdev != number)
		return error_say(err, EEXIST, "/dev/%s is there already in the container", name);
	return 0;
}

/* A node that is mounted there belongs to somebody else; its mode and owner stay. */
static int existing(int dev, const char *name, const struct stat *wanted, struct error *err)
{
	cleanup_close int own =
		open_in_root(dev, name, O_PATH | O_NOFOLLOW, RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
	struct stat st;
	int r = check_existing(dev, name, wanted->st_rdev, &st, err);

	if (r < 0 || is_as_wanted(&st, wanted))
		return r;
	if (own < 0 || fstat(own, &st) < 0 || !S_ISCHR(st.st_mode) || st.st_rdev != wanted->st_rdev)
		return error_say(err, EEXIST,
				 "/dev/%s is mounted in the container with another mode or owner",
				 name);
	r = change(own, wanted);
	return r < 0 ? error_set(err, -r, "change /dev/%s in the container", name) : 0;
}

/* Checks all names before any node is made, so that the caller can leave one out and try again. */
static int check_names(const struct worker *worker, struct error *err)
{
	for (size_t i = 0; i < worker->place->count; i++) {
		const struct container_node *node = &worker->place->nodes[i];
		struct stat st;
		int r = 0;

		if (faccessat(worker->dev, node->name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			r = check_existing(worker->dev, node->name, node_number(node), &st, err);
		if (r < 0) {
			*worker->place->taken = i;
			return r;
		}
	}
	return 0;
}

/* What is there already is good when it is the same node. */
static int bind_name(int dev, const char *name, int tree, struct file_id *point, struct error *err)
{
	struct stat st;
	int r = node_bind(dev, name, tree, point, err);

	if (r != -EEXIST)
		return r;
	if (fstat(tree, &st) < 0)
		return error_set(err, errno, "look at the node of %s", name);
	return existing(dev, name, &st, err);
}

static int bind_nodes(const struct worker *worker, struct error *err)
{
	for (size_t i = 0; i < worker->place->count; i++) {
		struct container_node *node = &worker->place->nodes[i];
		int r = bind_name(worker->dev, node->name, worker->trees[i][0], &node->point, err);

		if (r == 0 && node->alias[0] != '\0')
			r = bind_name(worker->dev, node->alias, worker->trees[i][1],
				      &node->alias_point, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int put_nodes(const struct worker *worker, struct error *err)
{
	for (size_t i = 0; i < worker->place->count; i++) {
		const struct container_node *node = &worker->place->nodes[i];
		struct stat wanted = { .st_mode = node->mode,
				       .st_uid = node->uid,
				       .st_gid = node->gid,
				       .st_rdev = node_number(node) };
		int r = node_make(worker->dev, node->name, node, node->uid, node->gid);

		if (r == -EEXIST)
			r = existing(worker->dev, node->name, &wanted, err);
		else if (r < 0)
			(void)error_set(err, -r, "make /dev/%s in the container", node->name);
		if (r < 0)
			return r;
	}
	return 0;
}

static int put_logs(const struct worker *worker, struct error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < worker->place->log_count; i++) {
		if (worker->place->logs[i].bytes != NULL)
			r = event_log_put(worker->dev, &worker->place->logs[i], err);
	}
	return r;
}

static int work_on(struct worker *worker, struct error *err)
{
	bool mapped = worker->place->user_namespace;
	int r;

	r = inside_confine(err);
	if (r < 0)
		return r;
	worker->mount_ns = mount_namespace_open(worker->place->init.pid, err);
	if (worker->mount_ns < 0)
		return worker->mount_ns;
	r = mapped ? node_trees_make(worker->place, worker->trees, err) : 0;
	if (r < 0)
		return r;
	if (setns(worker->mount_ns, CLONE_NEWNS) < 0)
		return error_set(err, errno, "enter the container's mount namespace");
	r = open_dev(worker, err);
	if (r == 0)
		r = check_names(worker, err);
	if (r == 0)
		r = (mapped ? bind_nodes : put_nodes)(worker, err);
	if (r == 0)
		r = put_logs(worker, err);
	return r < 0 ? r : mask_names(worker->rootfs, err);
}

/* In a thread: it changes its mount namespace once or twice and then ends. */
static int work(const void *arg, struct error *err)
{
	__attribute__((cleanup(worker_done))) struct worker worker;

	worker_init(&worker, arg);
	return work_on(&worker, err);
}

int nodes_make(const struct nodes_place *place, struct error *err)
{
	if (place->count > NODES_MOST)
		return error_say(err, EINVAL, "more than %d nodes", NODES_MOST);
	return run_in_own_thread(work, place, err);
}

void nodes_remove(const char *rootfs, const struct container_node *nodes, size_t count)
{
	cleanup_close int root = open(rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
	cleanup_close int dev = -1;
	struct stat st;

	if (root >= 0)
		dev = open_in_root(root, "dev", O_RDONLY | O_DIRECTORY, RESOLVE_NO_SYMLINKS);
	for (size_t i = 0; dev >= 0 && i < count; i++) {
		if (fstatat(dev, nodes[i].name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISCHR(st.st_mode) && st.st_rdev == node_number(&nodes[i]))
			(void)unlinkat(dev, nodes[i].name, 0);
		node_point_remove(dev, nodes[i].name, &nodes[i].point);
		node_point_remove(dev, nodes[i].alias, &nodes[i].alias_point);
	}
}
