/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/host/runtime_root.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/host/state_path.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/file.h"
#include "util/name_hash.h"

#define CMDLINE_MAX 65536
#define CALLERS_MOST 16

#define XDG "XDG_RUNTIME_DIR"

static const struct {
	const char *program, *root;
} defaults[] = {
	{ "runc", "/run/runc" },
	{ "crun", "/run/crun" },
	{ "youki", "/run/youki" },
};

/* Other runtimes use XDG_RUNTIME_DIR for users alone. */
static bool goes_by_xdg(const char *program)
{
	return strcmp(program, "crun") == 0;
}

static int print_path(char ret[static PATH_MAX], const char *dir, const char *name)
{
	return snprintf(ret, PATH_MAX, "%s%s", dir, name) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

int runtime_root_default(const char *program, const char *xdg, char ret[static PATH_MAX])
{
	if (goes_by_xdg(program) && xdg != NULL && xdg[0] != '\0')
		return print_path(ret, xdg, "/crun");
	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
		if (strcmp(program, defaults[i].program) == 0)
			return print_path(ret, defaults[i].root, "");
	}
	return -ENOENT;
}

static const char *next_word(const char *word, const char *end)
{
	word += strlen(word) + 1;
	return word < end ? word : NULL;
}

/* The global options with a separate value: it is no command. */
static bool takes_value(const char *option)
{
	static const char *const options[] = { "log",  "log-format", "log-level", "cgroup-manager",
					       "criu", "rootless" };

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (strcmp(option, options[i]) == 0)
			return true;
	}
	return false;
}

int runtime_call_parse(const char *cmdline, size_t len, struct runtime_call *ret)
{
	const char *end = cmdline + len, *slash, *word;

	*ret = (struct runtime_call){ 0 };
	if (len == 0 || cmdline[len - 1] != '\0')
		return -EINVAL;
	slash = strrchr(cmdline, '/');
	ret->program = slash != NULL ? slash + 1 : cmdline;

	for (word = next_word(cmdline, end); word != NULL && word[0] == '-';
	     word = next_word(word, end)) {
		const char *option = word + (word[1] == '-' ? 2 : 1);

		if (strncmp(option, "root=", 5) == 0)
			ret->root = option + 5;
		if (strcmp(option, "root") != 0 && !takes_value(option))
			continue;
		word = next_word(word, end);
		if (word == NULL)
			break;
		if (strcmp(option, "root") == 0)
			ret->root = word;
	}
	ret->command = word;
	return 0;
}

/* Engines also have a --root, with another meaning, and may be a runtime's parent. */
static bool is_engine(const char *program)
{
	return strcmp(program, "podman") == 0 || strcmp(program, "buildah") == 0;
}

static bool calls_hooks(const char *command)
{
	static const char *const commands[] = { "create", "run",     "start",
						"delete", "restore", "checkpoint" };

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(command, commands[i]) == 0)
			return true;
	}
	return false;
}

int runtime_call_root(const struct runtime_call *call, const char *xdg, char ret[static PATH_MAX])
{
	int r = runtime_root_default(call->program, xdg, ret);

	if (call->root == NULL)
		return r;
	if (r == -ENOENT &&
	    (call->command == NULL || !calls_hooks(call->command) || is_engine(call->program)))
		return r;
	return print_path(ret, call->root, "");
}

static int current_dir(pid_t pid, char dir[static PATH_MAX])
{
	char link[32];
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/%d/cwd", pid);
	n = readlink(link, dir, PATH_MAX - 1);
	if (n < 0)
		return -errno;
	dir[n] = '\0';
	return 0;
}

static int join(const char *dir, const char *name, char path[static PATH_MAX])
{
	return snprintf(path, PATH_MAX, "%s/%s", dir, name) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

/*
 * A relative root is relative to the runtime's own directory, not ours. runc enters the bundle
 * after it has looked at its options.
 */
static int make_absolute(const char *root, pid_t pid, char path[static PATH_MAX])
{
	char dir[PATH_MAX], other[PATH_MAX];
	int r;

	if (root[0] == '/')
		return print_path(path, root, "");
	r = current_dir(pid, dir);
	if (r == 0)
		r = join(dir, root, path);
	if (r < 0 || access(path, F_OK) == 0)
		return r;
	if (process_variable(pid, "PWD", dir, sizeof(dir)) == 0 && dir[0] == '/' &&
	    join(dir, root, other) == 0 && access(other, F_OK) == 0)
		(void)strcpy(path, other);
	return 0;
}

void runtime_root_clean(char *path)
{
	const char *from = path;
	char *to = path;

	while (*from != '\0') {
		size_t len;

		from += strspn(from, "/");
		len = strcspn(from, "/");
		if (len == 2 && strncmp(from, "..", 2) == 0) {
			while (to > path && *--to != '/')
				;
		} else if (len > 0 && !(len == 1 && *from == '.')) {
			*to++ = '/';
			memmove(to, from, len);
			to += len;
		}
		from += len;
	}
	if (to == path)
		*to++ = '/';
	*to = '\0';
}

/*
 * Resolves the path as runc does: it removes ".." from the text first, so that a link in front of
 * it does not count. A path that exists only as the kernel resolves it is resolved so.
 */
static void make_plain(char path[static PATH_MAX])
{
	char clean[PATH_MAX], real[PATH_MAX];
	bool exists;

	(void)strcpy(clean, path);
	runtime_root_clean(clean);
	/* Before the first container there is none; links in front of it lead there all the same.
	 */
	if (realpath(clean, real) == NULL && realpath(path, real) == NULL &&
	    state_path_resolve(clean, real, &exists, NULL) < 0)
		(void)strcpy(real, clean);
	(void)strcpy(path, real);
}

/* 1 when PID is a runtime; *RET is then its root. */
static int look_at(pid_t pid, struct runtime_root *ret)
{
	cleanup_free char *cmdline = NULL;
	struct runtime_call call;
	char path[32], xdg[PATH_MAX], root[PATH_MAX];
	size_t len;
	int r;

	(void)snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	r = read_path(path, CMDLINE_MAX, &cmdline, &len);
	if (r < 0)
		return r;
	if (runtime_call_parse(cmdline, len, &call) < 0)
		return 0;
	if (call.root != NULL || !goes_by_xdg(call.program) ||
	    process_variable(pid, XDG, xdg, sizeof(xdg)) < 0)
		xdg[0] = '\0';
	r = runtime_call_root(&call, xdg, root);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	ret->forgets_rules = strstr(call.program, "crun") != NULL;
	r = make_absolute(root, pid, ret->path);
	return r < 0 ? r : 1;
}

/* 1 when one of our callers is a runtime, the nearest. */
static int look_at_callers(struct runtime_root *ret)
{
	pid_t pid = getppid();

	for (int i = 0; i < CALLERS_MOST && pid > 0; i++) {
		int r = look_at(pid, ret);

		if (r == 1)
			(void)process_identify(pid, &ret->runtime);
		if (r != 0)
			return r;
		pid = process_parent(pid);
	}
	return 0;
}

int runtime_root_find(const char *explicit, struct runtime_root *ret, struct error *err)
{
	int r;

	*ret = (struct runtime_root){ .known = true };
	r = look_at_callers(ret);
	if (explicit != NULL) {
		r = make_absolute(explicit, getpid(), ret->path);
		if (r < 0)
			return error_set(err, -r, "--root %.64s", explicit);
	} else if (r < 0) {
		return error_set(err, -r, "find the runtime's root directory");
	} else if (r == 0) {
		ret->known = false;
		(void)strcpy(ret->path, defaults[0].root);
	}
	make_plain(ret->path);
	runtime_root_hash(ret->path, ret->hash);
	return 0;
}

void runtime_root_hash(const char *root, char hash[static ROOT_HASH_LEN + 1])
{
	char line[PATH_MAX + 2];

	(void)snprintf(line, sizeof(line), "%s\n", root);
	name_hash(line, ROOT_HASH_LEN, hash);
}
