/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <poll.h>
#include <sys/eventfd.h>

#include "util/watches.h"

static struct watches *watches;
static struct watch watch;
static int handled;
static bool goes_on;

static bool handle(void *context)
{
	(void)context;
	handled++;
	return goes_on;
}

static int start(void **state)
{
	(void)state;
	handled = 0;
	goes_on = true;
	watch = (struct watch){ .fd = eventfd(1, EFD_CLOEXEC), .ready = handle };
	return watches_new(&watches);
}

static int stop(void **state)
{
	(void)state;
	watches_free(take_ptr(watches));
	return close(watch.fd);
}

static bool is_ready(void)
{
	struct pollfd ready = { .fd = watches_fd(watches), .events = POLLIN };

	return poll(&ready, 1, 0) == 1;
}

static void a_watch_is_handled_as_long_as_it_is_ready(void **state)
{
	eventfd_t count;

	(void)state;
	assert_false(is_ready());
	assert_int_equal(watches_add(watches, &watch), 0);
	for (int i = 1; i <= 3; i++) {
		assert_true(is_ready());
		watches_handle(watches);
		assert_int_equal(handled, i);
	}
	assert_int_equal(eventfd_read(watch.fd, &count), 0);
	assert_false(is_ready());
	watches_handle(watches);
	assert_int_equal(handled, 3);
}

static void what_has_ended_is_not_watched_until_it_is_resumed(void **state)
{
	(void)state;
	goes_on = false;
	assert_int_equal(watches_add(watches, &watch), 0);
	watches_handle(watches);
	assert_false(is_ready());
	watches_handle(watches);
	assert_int_equal(handled, 1);
	assert_int_equal(watches_resume(watches, &watch), 0);
	assert_true(is_ready());
	watches_handle(watches);
	assert_int_equal(handled, 2);
}

static void the_end_is_seen_by_all_and_for_ever(void **state)
{
	(void)state;
	watches_end(watches);
	for (int i = 0; i < 3; i++) {
		assert_true(is_ready());
		watches_handle(watches);
	}
	assert_int_equal(handled, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_watch_is_handled_as_long_as_it_is_ready),
		TEST(what_has_ended_is_not_watched_until_it_is_resumed),
		TEST(the_end_is_seen_by_all_and_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
