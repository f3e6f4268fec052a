/* SPDX-License-Identifier: BSD-3-Clause */
/* A poststop hook that is cut short: no runtime calls another one. */
#include "tests/unit/lease_fixture.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "runtime/config/oci_state.h"
#include "runtime/host/process.h"
#include "runtime/host/state_path.h"
#include "runtime/lease/book.h"
#include "runtime/lease/index.h"
#include "runtime/life/hook.h"
#include "runtime/life/teardown.h"
#include "runtime/server/stop.h"
#include "util/cleanup.h"
#include "util/error.h"

static int stop_result;

int __wrap_servers_stop(const struct lease *lease, const char *run_dir, struct error *err);

int __wrap_servers_stop(const struct lease *lease, const char *run_dir, struct error *err)
{
	(void)lease;
	(void)run_dir;
	return stop_result < 0 ? error_set(err, -stop_result, "end the server") : 0;
}

/* One of container c1, which lives, as this process does, and whose runtime knows it. */
static void put_lease(const char *dir, const char *part)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	cleanup_free struct lease *lease = lease_fixture("c1", part[0] != '\0' ? 8 : 4);

	(void)strcpy(lease->part, part);
	(void)snprintf(lease->bundle, sizeof(lease->bundle), "%s", dir);
	(void)snprintf(lease->state_dir, sizeof(lease->state_dir), "%s", dir);
	(void)snprintf(lease->rootfs, sizeof(lease->rootfs), "%s", dir);
	lease->vtpms[0].created = false;
	assert_int_equal(process_identify(getpid(), &lease->init), 0);
	assert_int_equal(lease_book_open(".", &book, NULL), 0);
	assert_int_equal(lease_book_put(book, lease, NULL), 0);
}

static bool is_ended(const char *name)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	cleanup_free struct lease *lease = NULL;

	assert_int_equal(lease_book_open(".", &book, NULL), 0);
	assert_int_equal(lease_book_read(book, name, &lease, NULL), 0);
	return lease->ended;
}

static int poststop(const char *dir, struct error *err)
{
	const struct oci_state container = { .id = "c1", .bundle = dir };
	struct hook hook = { .programs = { .run_dir = ".", .lib_dir = "." } };

	(void)strcpy(hook.root.hash, "abcdef");
	hook.root.known = true;
	return container_remove(&hook, &container, err);
}

static size_t prune(void)
{
	const struct server_programs programs = { .run_dir = ".", .lib_dir = "." };
	size_t count = 0;

	assert_int_equal(containers_prune(&programs, &count, NULL), 0);
	return count;
}

/* As whoever has killed it leaves it. */
static void forget_the_worker(const char *name)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	cleanup_free struct lease *lease = NULL;

	assert_int_equal(lease_book_open(".", &book, NULL), 0);
	assert_int_equal(lease_book_read(book, name, &lease, NULL), 0);
	lease->worker = (struct process){ 0 };
	assert_int_equal(lease_book_put(book, lease, NULL), 0);
}

static void what_poststop_did_not_finish_is_for_prune(void **state)
{
	struct error err = { "" };

	put_lease(*state, "");
	put_lease(*state, "1");
	assert_int_equal(prune(), 0);
	stop_result = -EIO;
	assert_int_equal(poststop(*state, &err), -EIO);
	assert_true(is_ended("abcdef-c1"));
	assert_true(is_ended("abcdef-c1@1"));
	forget_the_worker("abcdef-c1");
	forget_the_worker("abcdef-c1@1");
	stop_result = 0;
	assert_int_equal(prune(), 2);
	assert_int_equal(prune(), 0);
}

/* Somebody serves it, and nobody can find it any more by the lease. */
static void prune_says_that_a_state_stays(void **state)
{
	const struct server_programs programs = { .run_dir = ".", .lib_dir = "." };
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	cleanup_free struct lease *lease = lease_fixture("c1", 4);
	struct file_id id = { 0 };
	struct error err = { "" };
	size_t count = 0;
	int lock_fd;

	(void)snprintf(lease->vtpms[0].state_path, sizeof(lease->vtpms[0].state_path), "%s/state",
		       (const char *)*state);
	stop_result = 0;
	assert_int_equal(state_path_make("state", NULL, "abcdef-c1", &id, NULL), 0);
	assert_int_equal(state_path_lock("state", &id, &lock_fd, NULL), 0);
	lease->ended = true;
	lease->vtpms[0].state_id = id;
	assert_int_equal(lease_book_open(".", &book, NULL), 0);
	assert_int_equal(lease_book_put(book, lease, NULL), 0);
	lease_book_close(take_ptr(book));
	assert_int_equal(containers_prune(&programs, &count, &err), -EBUSY);
	assert_non_null(strstr(err.text, "container c1: "));
	assert_int_equal(count, 1);
	(void)close(lock_fd);
	assert_int_equal(prune(), 0);
}

static void poststop_removes_all_that_the_container_has(void **state)
{
	stop_result = 0;
	put_lease(*state, "");
	put_lease(*state, "1");
	assert_int_equal(poststop(*state, NULL), 0);
	assert_int_equal(poststop(*state, NULL), 0);
	assert_int_equal(prune(), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_poststop_did_not_finish_is_for_prune,
						scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(prune_says_that_a_state_stays, scratch_set_up,
						scratch_tear_down),
		cmocka_unit_test_setup_teardown(poststop_removes_all_that_the_container_has,
						scratch_set_up, scratch_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
