/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/inside/nodes.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "runtime/host/open_in_root.h"
#include "util/id_map.h"
#include "runtime/inside/own_thread.h"
#include "runtime/inside/mask.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/file.h"

#define NODES_MOST 2048

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
	for (size_t i = 0; i < place->count; i++)
		worker->trees[i][0] = worker->trees[i][1] = -1;
}

static void worker_done(struct worker *worker)
{
	closep(&worker->mount_ns);
	closep(&worker->dev);
	closep(&worker->rootfs);
	for (size_t i = 0; i < worker->place->count; i++) {
		closep(&worker->trees[i][0]);
		closep(&worker->trees[i][1]);
	}
}

static int open_namespace(pid_t pid, struct error *err)
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

static dev_t number_of(const struct container_node *node)
{
	return makedev(node->number.major, node->number.minor);
}

/* Makes NAME, with the mode exactly as asked. */
static int make_node(int dir, const char *name, const struct container_node *node, uint32_t uid,
		     uint32_t gid)
{
	mode_t old = umask(0);
	int r = 0;

	if (mknodat(dir, name, S_IFCHR | node->mode, number_of(node)) < 0)
		r = -errno;
	(void)umask(old);
	if (r == 0 && fchownat(dir, name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0)
		r = -errno;
	return r;
}

static int make_mapped_node(int dir, const char *name, const struct nodes_place *place,
			    const struct container_node *node, struct error *err)
{
	uint32_t uid, gid;
	int r;

	r = map_id(place->init, "uid_map", node->uid, &uid, err);
	if (r == 0)
		r = map_id(place->init, "gid_map", node->gid, &gid, err);
	if (r < 0)
		return r;
	r = make_node(dir, name, node, uid, gid);
	return r < 0 ? error_set(err, -r, "make a node for %s", node->name) : 0;
}

/* The node and its mounts, before the worker leaves for the container's namespace. */
static int make_tree(int dir, const struct nodes_place *place, size_t i, int trees[static 2],
		     struct error *err)
{
	const struct container_node *node = &place->nodes[i];
	char name[24];
	int r;

	(void)snprintf(name, sizeof(name), "%zu", i);
	r = make_mapped_node(dir, name, place, node, err);
	if (r < 0)
		return r;
	for (int j = 0; j < (node->alias[0] != '\0' ? 2 : 1); j++) {
		trees[j] =
			(int)syscall(SYS_open_tree, dir, name, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
		if (trees[j] < 0)
			return error_set(err, errno, "open the node of %s", node->name);
	}
	return 0;
}

/*
 * The nodes on a tmpfs that the host's root owns (nodes on one that a user namespace owns cannot be
 * opened), mounted in a namespace of the worker's own: it goes with the last of its nodes.
 */
static int make_trees(struct worker *worker, struct error *err)
{
	const struct nodes_place *place = worker->place;
	cleanup_close int dir = -1;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("vtpm-cuse", place->work_dir, "tmpfs", MS_NOSUID | MS_NOEXEC,
		  "mode=755,size=64k") < 0)
		return error_set(err, errno, "mount a tmpfs for the nodes");
	dir = open(place->work_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return error_set(err, errno, "open %s", place->work_dir);
	for (size_t i = 0; i < place->count; i++) {
		int r = make_tree(dir, place, i, worker->trees[i], err);

		if (r < 0)
			return r;
	}
	return 0;
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

/* The descriptor is one that only names the node: nothing is opened for it. */
static int change(int fd, const struct stat *wanted)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fchownat(fd, "", wanted->st_uid, wanted->st_gid, AT_EMPTY_PATH) < 0 ||
	    chmod(path, wanted->st_mode & 07777) < 0)
		return -errno;
	return 0;
}

/* A name that is there already is only good when it is the same device. */
static int check_existing(int dev, const char *name, dev_t number, struct stat *st,
			  struct error *err)
{
	if (fstatat(dev, name, st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISCHR(st->st_mode) ||
	    st->st_rdev != number)
		return error_say(err, EEXIST, "/dev/%s is there already in the container", name);
	return 0;
}

/* One that is mounted there belongs to somebody else, whose mode and owner are not ours to change.
 */
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

/* Before any is made: who gives up one of them can then try the others. */
static int check_names(const struct worker *worker, struct error *err)
{
	for (size_t i = 0; i < worker->place->count; i++) {
		const struct container_node *node = &worker->place->nodes[i];
		struct stat st;
		int r = 0;

		if (faccessat(worker->dev, node->name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			r = check_existing(worker->dev, node->name, number_of(node), &st, err);
		if (r < 0) {
			*worker->place->taken = i;
			return r;
		}
	}
	return 0;
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

static int bind_node(int dev, const char *name, int tree, struct file_id *point, struct error *err)
{
	cleanup_close int target = make_mount_point(dev, name);
	struct stat st;

	if (fstat(target == -EEXIST ? tree : target, &st) < 0)
		return error_set(err, target < 0 ? -target : errno, "make /dev/%s in the container",
				 name);
	if (target == -EEXIST)
		return existing(dev, name, &st, err);
	*point = file_id_of(&st);
	if (syscall(SYS_move_mount, tree, "", target, "",
		    MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return error_set(err, errno, "bind /dev/%s in the container", name);
	return 0;
}

static int bind_nodes(const struct worker *worker, struct error *err)
{
	for (size_t i = 0; i < worker->place->count; i++) {
		struct container_node *node = &worker->place->nodes[i];
		int r = bind_node(worker->dev, node->name, worker->trees[i][0], &node->point, err);

		if (r == 0 && node->alias[0] != '\0')
			r = bind_node(worker->dev, node->alias, worker->trees[i][1],
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
				       .st_rdev = number_of(node) };
		int r = make_node(worker->dev, node->name, node, node->uid, node->gid);

		if (r == -EEXIST)
			r = existing(worker->dev, node->name, &wanted, err);
		else if (r < 0)
			(void)error_set(err, -r, "make /dev/%s in the container", node->name);
		if (r < 0)
			return r;
	}
	return 0;
}

static int work_on(struct worker *worker, struct error *err)
{
	bool mapped = worker->place->user_namespace;
	int r;

	worker->mount_ns = open_namespace(worker->place->init, err);
	if (worker->mount_ns < 0)
		return worker->mount_ns;
	r = mapped ? make_trees(worker, err) : 0;
	if (r < 0)
		return r;
	if (setns(worker->mount_ns, CLONE_NEWNS) < 0)
		return error_set(err, errno, "enter the container's mount namespace");
	r = open_dev(worker, err);
	if (r == 0)
		r = check_names(worker, err);
	if (r == 0)
		r = (mapped ? bind_nodes : put_nodes)(worker, err);
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

void container_node_name(struct container_node *node, const char *path, const char *alias)
{
	(void)snprintf(node->name, sizeof(node->name), "%s", path + strlen("/dev/"));
	(void)snprintf(node->alias, sizeof(node->alias), "%s", alias);
}

/* A file that we made is empty; one with something in it has become somebody else's. */
static void remove_point(int dev, const char *name, const struct file_id *point)
{
	struct file_id found;
	struct stat st;

	if (name[0] == '\0' || fstatat(dev, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	found = file_id_of(&st);
	if (S_ISREG(st.st_mode) && st.st_size == 0 && file_id_same(&found, point))
		(void)unlinkat(dev, name, 0);
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
		    S_ISCHR(st.st_mode) && st.st_rdev == number_of(&nodes[i]))
			(void)unlinkat(dev, nodes[i].name, 0);
		remove_point(dev, nodes[i].name, &nodes[i].point);
		remove_point(dev, nodes[i].alias, &nodes[i].alias_point);
	}
}
