/* SPDX-License-Identifier: BSD-3-Clause */
/* Real mount namespaces: only root has them, and only where it may mount. */
#include "tests/unit/unit.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/inside/late_nodes.h"
#include "util/cleanup.h"
#include "util/error.h"

/* Nobody has devices of these names. */
#define NAME "tpm-unit-test"
#define TWIN "tpmrm-unit-test"
#define ALIAS "tpm-unit-test-alias"

/* What the container does between two steps: in the worker, which is in its namespace. */
static bool moves;

int __real_mknodat(int dir, const char *name, mode_t mode, dev_t number);
int __wrap_mknodat(int dir, const char *name, mode_t mode, dev_t number);
int __wrap_mknodat(int dir, const char *name, mode_t mode, dev_t number)
{
	int r = __real_mknodat(dir, name, mode, number);

	if (moves && mount("other", "/dev", "tmpfs", 0, NULL) < 0)
		return -1;
	return r;
}

/* --- containers --- */

static struct process init;

static int own_namespace(void)
{
	return unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0;
}

static int a_tmpfs(void)
{
	return mount("dev", "/dev", "tmpfs", 0, NULL);
}

static int a_proc(void)
{
	return mount("dev", "/dev", "proc", 0, NULL);
}

static int nothing(void)
{
	return 0;
}

/* False: not here. */
static bool start(int (*make_dev)(void))
{
	pid_t pid;
	int ready[2];
	ssize_t got;
	char c;

	moves = false;
	init = (struct process){ 0 };
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (own_namespace() || make_dev() != 0 || write(ready[1], "x", 1) != 1)
			_exit(1);
		(void)close(ready[0]);
		(void)pause();
		_exit(0);
	}
	(void)close(ready[1]);
	got = read(ready[0], &c, 1);
	(void)close(ready[0]);
	if (got != 1) {
		(void)waitpid(pid, NULL, 0);
		return false;
	}
	assert_int_equal(process_identify(pid, &init), 0);
	return true;
}

static int stop(void **state)
{
	/* Of a test that has failed. */
	(void)unlink("/dev/" NAME);
	(void)unlink("/dev/" TWIN);
	if (init.pid > 0) {
		(void)kill(init.pid, SIGKILL);
		(void)waitpid(init.pid, NULL, 0);
	}
	return scratch_tear_down(state);
}

static const char *inside(const char *name)
{
	static char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/root/dev/%s", init.pid, name);
	return path;
}

static void assert_node(const char *name)
{
	struct stat st;

	assert_int_equal(lstat(inside(name), &st), 0);
	assert_true(S_ISCHR(st.st_mode));
	assert_int_equal(st.st_rdev, makedev(1, 3));
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(st.st_uid, 1000);
	assert_int_equal(st.st_gid, 2000);
}

static void assert_nothing(const char *name)
{
	struct stat st;

	assert_int_equal(lstat(inside(name), &st), -1);
	assert_int_equal(errno, ENOENT);
}

/* --- nodes --- */

static struct container_node nodes[2];

static struct nodes_place two_nodes(bool user_namespace)
{
	for (size_t i = 0; i < 2; i++) {
		nodes[i] = (struct container_node){
			.number = { 1, 3 }, .mode = 0640, .uid = 1000, .gid = 2000
		};
		container_node_name(&nodes[i], i == 0 ? "/dev/" NAME : "/dev/" TWIN,
				    user_namespace && i == 0 ? ALIAS : "");
	}
	return (struct nodes_place){ .init = init,
				     .work_dir = scratch_path("."),
				     .user_namespace = user_namespace,
				     .nodes = nodes,
				     .count = 2 };
}

static void refused(int r, const char *message)
{
	const struct nodes_place place = two_nodes(false);
	struct error err = { "" };

	assert_int_equal(late_nodes_make(&place, &err), r);
	assert_string_equal(err.text, message);
}

/* Where the kernel or a device group says no, it is no fault of ours. */
static void need(bool here)
{
	if (!here || getuid() != 0 || __real_mknodat(AT_FDCWD, "probe", S_IFCHR, makedev(1, 3)) < 0)
		skip();
}

static void nodes_are_made_and_taken_away(void **state)
{
	struct nodes_place place;

	(void)state;
	need(start(a_tmpfs));
	place = two_nodes(false);
	assert_int_equal(late_nodes_make(&place, NULL), 0);
	assert_node(NAME);
	assert_node(TWIN);
	assert_int_equal(late_nodes_remove(&init, nodes, 2, NULL), 0);
	assert_nothing(NAME);
	assert_nothing(TWIN);
}

static void in_a_user_namespace_they_are_bound_and_unbound(void **state)
{
	struct nodes_place place;

	(void)state;
	need(start(a_tmpfs));
	place = two_nodes(true);
	assert_int_equal(late_nodes_make(&place, NULL), 0);
	assert_node(NAME);
	assert_node(ALIAS);
	assert_node(TWIN);
	assert_true(file_id_known(&nodes[0].point));
	assert_int_equal(late_nodes_remove(&init, nodes, 2, NULL), 0);
	assert_nothing(NAME);
	assert_nothing(ALIAS);
	assert_nothing(TWIN);
}

static void a_name_that_is_there_is_refused_and_stays(void **state)
{
	struct nodes_place place;
	struct error err = { "" };

	(void)state;
	need(start(a_tmpfs));
	scratch_write(inside(TWIN), "mine", 4);
	refused(-EEXIST, "/dev/" TWIN " is there already in the container");
	assert_nothing(NAME);
	place = two_nodes(true);
	assert_int_equal(late_nodes_make(&place, &err), -EEXIST);
	assert_string_equal(err.text, "/dev/" TWIN " is there already in the container");
	assert_nothing(NAME);
	assert_nothing(ALIAS);
	scratch_write(inside(ALIAS), "mine", 4);
	place = two_nodes(true);
	assert_int_equal(late_nodes_make(&place, &err), -EEXIST);
	assert_string_equal(err.text, "/dev/" ALIAS " is there already in the container");
	assert_nothing(NAME);
	/* Be it the same device. */
	assert_int_equal(unlink(inside(TWIN)), 0);
	assert_int_equal(mknod(inside(NAME), S_IFCHR | 0600, makedev(1, 3)), 0);
	refused(-EEXIST, "/dev/" NAME " is there already in the container");
	assert_int_equal(access(inside(NAME), F_OK), 0);
}

static void only_a_file_system_in_memory_is_taken(void **state)
{
	(void)state;
	need(start(a_proc));
	refused(-EINVAL, "the container's /dev is neither a tmpfs nor a devtmpfs");
}

static void the_dev_of_the_host_is_refused(void **state)
{
	(void)state;
	need(start(nothing));
	refused(-EINVAL, "the container's /dev is the host's own");
	assert_int_equal(access("/dev/" NAME, F_OK), -1);
}

static void a_dev_that_is_replaced_meanwhile_is_refused(void **state)
{
	cleanup_close int first = -1;

	(void)state;
	need(start(a_tmpfs));
	first = open(inside("."), O_PATH | O_CLOEXEC);
	moves = true;
	refused(-EBUSY, "the container's /dev is another one now");
	moves = false;
	assert_nothing(NAME);
	assert_int_equal(faccessat(first, NAME, F_OK, AT_SYMLINK_NOFOLLOW), -1);
	assert_int_equal(faccessat(first, TWIN, F_OK, AT_SYMLINK_NOFOLLOW), -1);
}

static void a_container_that_has_ended_is_refused(void **state)
{
	(void)state;
	need(start(a_tmpfs));
	init.start++;
	refused(-ESRCH, "the container has ended");
	init.start--;
}

static void the_own_namespace_is_no_containers(void **state)
{
	struct nodes_place place = two_nodes(false);
	struct error err = { "" };

	(void)state;
	init = (struct process){ 0 };
	assert_int_equal(process_identify(getpid(), &place.init), 0);
	assert_int_equal(late_nodes_make(&place, &err), -EINVAL);
	assert_string_equal(err.text, "the container has no mount namespace of its own");
}

#define LATE_TEST(test) cmocka_unit_test_setup_teardown(test, scratch_set_up, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LATE_TEST(nodes_are_made_and_taken_away),
		LATE_TEST(in_a_user_namespace_they_are_bound_and_unbound),
		LATE_TEST(a_name_that_is_there_is_refused_and_stays),
		LATE_TEST(only_a_file_system_in_memory_is_taken),
		LATE_TEST(the_dev_of_the_host_is_refused),
		LATE_TEST(a_dev_that_is_replaced_meanwhile_is_refused),
		LATE_TEST(a_container_that_has_ended_is_refused),
		LATE_TEST(the_own_namespace_is_no_containers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
