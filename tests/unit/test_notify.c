/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "util/notify.h"

static int teardown(void **state)
{
	(void)unsetenv("NOTIFY_SOCKET");
	return scratch_tear_down(state);
}

/* A manager's socket at PATH, "@..." being abstract. */
static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));

	memcpy(address.sun_path, path, strlen(path));
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(setenv("NOTIFY_SOCKET", path, 1), 0);
	return fd;
}

static void assert_told(int fd, const char *expected)
{
	int manager = -1;
	char message[64];
	ssize_t n;

	assert_int_equal(notify_open(&manager), 0);
	assert_int_equal(notify_send(manager, expected), 0);
	n = recv(fd, message, sizeof(message), 0);
	assert_int_equal(n, strlen(expected));
	assert_memory_equal(message, expected, (size_t)n);
	(void)close(fd);
	(void)close(manager);
}

static void a_manager_gets_one_datagram(void **state)
{
	int fd = listen_at(scratch_path("notify"));

	(void)state;
	assert_told(fd, "READY=1");
}

static void an_abstract_name_is_no_file(void **state)
{
	char name[64];
	int fd;

	(void)state;
	(void)snprintf(name, sizeof(name), "@vtpm-test-%d", (int)getpid());
	fd = listen_at(name);
	assert_told(fd, "STOPPING=1");
}

static void nobody_to_tell_is_no_failure(void **state)
{
	int manager;

	(void)state;
	(void)unsetenv("NOTIFY_SOCKET");
	assert_int_equal(notify_open(&manager), 0);
	assert_int_equal(manager, -1);
	assert_int_equal(notify_send(manager, "READY=1"), 0);
}

/* It may be out of reach when the end has come to be told. */
static void a_manager_is_told_by_descriptor(void **state)
{
	int fd = listen_at(scratch_path("notify"));
	char message[8];
	int manager;

	(void)state;
	assert_int_equal(notify_open(&manager), 0);
	assert_int_equal(unlink(scratch_path("notify")), 0);
	assert_int_equal(notify_send(manager, "STOPPING=1"), 0);
	assert_int_equal(recv(fd, message, sizeof(message), MSG_TRUNC), strlen("STOPPING=1"));
	(void)close(fd);
	assert_int_equal(notify_send(manager, "STOPPING=1"), -ECONNREFUSED);
	(void)close(manager);
}

static void an_address_that_is_none_is_one(void **state)
{
	char path[sizeof(((struct sockaddr_un *)0)->sun_path) + 1];
	int manager;

	(void)state;
	assert_int_equal(setenv("NOTIFY_SOCKET", "relative", 1), 0);
	assert_int_equal(notify_open(&manager), -EINVAL);
	assert_int_equal(setenv("NOTIFY_SOCKET", "", 1), 0);
	assert_int_equal(notify_open(&manager), -EINVAL);
	memset(path, '/', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(setenv("NOTIFY_SOCKET", path, 1), 0);
	assert_int_equal(notify_open(&manager), -EINVAL);
	assert_int_equal(setenv("NOTIFY_SOCKET", scratch_path("nobody"), 1), 0);
	assert_int_equal(notify_open(&manager), -ENOENT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_manager_gets_one_datagram, scratch_set_up,
						teardown),
		cmocka_unit_test_setup_teardown(an_abstract_name_is_no_file, scratch_set_up,
						teardown),
		cmocka_unit_test_setup_teardown(nobody_to_tell_is_no_failure, scratch_set_up,
						teardown),
		cmocka_unit_test_setup_teardown(a_manager_is_told_by_descriptor, scratch_set_up,
						teardown),
		cmocka_unit_test_setup_teardown(an_address_that_is_none_is_one, scratch_set_up,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
