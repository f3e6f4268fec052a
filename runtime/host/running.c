/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/host/running.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/config/members.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/file.h"

#define FILE_MOST (10 << 20)

/*
 * The roots of runc and crun when called by hand, also in a session of root, and those of podman,
 * docker and containerd.
 */
static const char *const roots[] = {
	"/run/runc",
	"/run/crun",
	"/run/user/0/crun",
	"/run/docker/runtime-runc/*",
	"/run/docker/runtime-crun/*",
	"/run/containerd/runc/*",
};

/* --- the files --- */

static int read_init(json_t *pid, json_t *start, struct process *ret, struct error *err)
{
	if (!json_is_integer(pid) || json_integer_value(pid) < 0 ||
	    json_integer_value(pid) > INT32_MAX || !json_is_integer(start) ||
	    json_integer_value(start) < 0)
		return error_say(err, EINVAL, "its first process is missing or wrong");
	ret->pid = (pid_t)json_integer_value(pid);
	ret->start = (uint64_t)json_integer_value(start);
	return 0;
}

static int read_bundle(const char *bundle, char ret[static PATH_MAX], struct error *err)
{
	if (bundle == NULL || bundle[0] != '/')
		return error_say(err, EINVAL, "its bundle is missing or no absolute path");
	return snprintf(ret, PATH_MAX, "%s", bundle) < PATH_MAX
		       ? 0
		       : error_set(err, ENAMETOOLONG, "its bundle");
}

/* runc keeps it among the labels. */
static const char *find_label(json_t *labels, const char *name)
{
	size_t len = strlen(name), i;
	json_t *label;

	json_array_foreach(labels, i, label)
	{
		const char *text = json_string_value(label);

		if (text != NULL && strncmp(text, name, len) == 0 && text[len] == '=')
			return text + len + 1;
	}
	return NULL;
}

int running_parse(const char *text, size_t len, struct running *ret, struct error *err)
{
	struct running running = { 0 };
	cleanup_json json_t *json = NULL;
	json_t *runc_pid;
	int r;

	r = object_parse(text, len, &json, err);
	if (r < 0)
		return r;
	runc_pid = json_object_get(json, "init_process_pid");
	running.forgets_rules = runc_pid == NULL;
	if (runc_pid != NULL)
		r = read_init(runc_pid, json_object_get(json, "init_process_start"), &running.init,
			      err);
	else
		r = read_init(json_object_get(json, "pid"),
			      json_object_get(json, "process-start-time"), &running.init, err);
	if (r == 0 && runc_pid != NULL)
		r = read_bundle(
			find_label(json_object_get(json_object_get(json, "config"), "labels"),
				   "bundle"),
			running.bundle, err);
	else if (r == 0)
		r = read_bundle(json_string_value(json_object_get(json, "bundle")), running.bundle,
				err);
	if (r == 0)
		*ret = running;
	return r;
}

/* --- the directory --- */

static int open_container(const char *root, const char *id)
{
	char path[PATH_MAX];
	int fd;

	if (snprintf(path, sizeof(path), "%s/%s", root, id) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* A file that a user has written could name any process. */
static int check_owner(int dir, const char *file, struct error *err)
{
	struct stat above, st;

	if (fstat(dir, &above) < 0 || fstatat(dir, file, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return error_set(err, errno, "look at %s", file);
	if (above.st_uid != 0 || st.st_uid != 0)
		return error_say(err, EPERM, "it is a user's, and not of the host's root");
	return 0;
}

static int read_container(int dir, struct running *ret, struct error *err)
{
	const char *file = faccessat(dir, "state.json", F_OK, 0) == 0 ? "state.json" : "status";
	cleanup_free char *text = NULL;
	size_t len;
	int r = check_owner(dir, file, err);

	if (r < 0)
		return r;
	r = read_file(dir, file, FILE_MOST, &text, &len);
	if (r < 0)
		return error_set(err, -r, "read %s", file);
	r = running_parse(text, len, ret, err);
	return r < 0 ? error_prefix(err, r, "%s", file) : 0;
}

/* Both runtimes keep that FIFO until the container that they created is started. */
static int check_runs(int dir, const struct running *running, struct error *err)
{
	if (!process_lives(&running->init))
		return error_say(err, ESRCH, "it is not running");
	if (faccessat(dir, "exec.fifo", F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return error_say(err, ESRCH, "it is created and not started");
	return 0;
}

int running_find(const char *root, const char *id, struct running *ret, struct error *err)
{
	cleanup_close int dir = open_container(root, id);
	struct running running;
	int r;

	if (dir == -ENOENT)
		return error_say(err, ENOENT, "there is no container %s in %s", id, root);
	if (dir < 0)
		return error_set(err, -dir, "container %s in %s", id, root);
	r = read_container(dir, &running, err);
	if (r == 0)
		r = check_runs(dir, &running, err);
	if (r < 0)
		return error_prefix(err, r, "container %s", id);
	*ret = running;
	return 0;
}

/* --- roots --- */

static int add_root(const char *pattern, const char *id, char root[static PATH_MAX],
		    struct error *err)
{
	glob_t found = { 0 };
	int r = 0;

	(void)glob(pattern, GLOB_NOSORT, NULL, &found);
	for (size_t i = 0; r == 0 && i < found.gl_pathc; i++) {
		cleanup_close int dir = open_container(found.gl_pathv[i], id);

		if (dir < 0)
			continue;
		if (root[0] != '\0')
			r = error_say(err, EEXIST,
				      "both %s and %s have a container %s: say which by --root",
				      root, found.gl_pathv[i], id);
		(void)snprintf(root, PATH_MAX, "%s", found.gl_pathv[i]);
	}
	globfree(&found);
	return r;
}

int running_find_root(const char *id, char root[static PATH_MAX], struct error *err)
{
	int r = 0;

	root[0] = '\0';
	for (size_t i = 0; r == 0 && i < sizeof(roots) / sizeof(roots[0]); i++)
		r = add_root(roots[i], id, root, err);
	if (r < 0 || root[0] != '\0')
		return r;
	return error_say(err, ENOENT,
			 "there is no container %s where runtimes note theirs: its id is the "
			 "runtime's, not the engine's name; or say where by --root",
			 id);
}
