/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/local_socket.h"
#include "util/user_names.h"

static bool listen_fails;

int __real_listen(int fd, int backlog);
int __wrap_listen(int fd, int backlog);

int __wrap_listen(int fd, int backlog)
{
	if (!listen_fails)
		return __real_listen(fd, backlog);
	errno = EADDRINUSE;
	return -1;
}

/* The scratch directory is the working directory. */
static struct sockaddr_un at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	return address;
}

static int listen_at(const char *path, const struct user *owner)
{
	struct sockaddr_un address = at(path);

	return local_socket_listen(&address, owner, 1);
}

static int connect_to(const char *path)
{
	cleanup_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un address = at(path);

	return local_socket_connect(fd, &address);
}

static void a_socket_is_its_owners_alone(void **state)
{
	mode_t saved = umask(0);
	cleanup_close int fd = listen_at("socket", NULL);
	struct stat st;

	(void)state;
	assert_int_equal(umask(saved), 0);
	assert_true(fd >= 0);
	assert_int_equal(lstat("socket", &st), 0);
	assert_int_equal(st.st_mode, S_IFSOCK | 0600);
	assert_int_equal(st.st_uid, geteuid());
	assert_int_equal(connect_to("socket"), 0);
}

static void a_socket_is_given_to_its_owner(void **state)
{
	const struct user owner = { .uid = geteuid() == 0 ? 1234 : geteuid(),
				    .gid = geteuid() == 0 ? 1235 : getegid() };
	cleanup_close int fd = listen_at("socket", &owner);
	struct stat st;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(lstat("socket", &st), 0);
	assert_int_equal(st.st_uid, owner.uid);
	assert_int_equal(st.st_gid, owner.gid);
}

static void what_is_there_is_told_apart(void **state)
{
	cleanup_close int fd = listen_at("listening", NULL);
	int stale = listen_at("stale", NULL);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(close(stale), 0);
	scratch_write("file", "", 0);
	assert_int_equal(symlink("listening", "link"), 0);
	assert_int_equal(connect_to("none"), -ENOENT);
	assert_int_equal(connect_to("file"), -ENOTSOCK);
	assert_int_equal(connect_to("link"), -ENOTSOCK);
	assert_int_equal(connect_to("stale"), -ECONNREFUSED);
	assert_int_equal(connect_to("file/none"), -ENOTDIR);
}

static void what_is_there_stays_there(void **state)
{
	(void)state;
	scratch_write("file", "x", 1);
	assert_int_equal(listen_at("file", NULL), -EADDRINUSE);
	assert_true(scratch_exists("file"));
}

static void a_socket_that_cannot_be_listened_at_is_removed(void **state)
{
	(void)state;
	listen_fails = true;
	assert_int_equal(listen_at("socket", NULL), -EADDRINUSE);
	listen_fails = false;
	assert_false(scratch_exists("socket"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_socket_is_its_owners_alone, scratch_set_up,
						scratch_tear_down),
		cmocka_unit_test_setup_teardown(a_socket_is_given_to_its_owner, scratch_set_up,
						scratch_tear_down),
		cmocka_unit_test_setup_teardown(what_is_there_is_told_apart, scratch_set_up,
						scratch_tear_down),
		cmocka_unit_test_setup_teardown(what_is_there_stays_there, scratch_set_up,
						scratch_tear_down),
		cmocka_unit_test_setup_teardown(a_socket_that_cannot_be_listened_at_is_removed,
						scratch_set_up, scratch_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
