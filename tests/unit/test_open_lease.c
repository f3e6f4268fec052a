/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers that are taken before there is a container. */
#include "tests/unit/lease_fixture.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/config/admin.h"
#include "runtime/config/class.h"
#include "runtime/lease/book.h"
#include "runtime/lease/holding.h"
#include "runtime/lease/index.h"
#include "runtime/lease/open.h"
#include "runtime/life/teardown.h"
#include "runtime/server/launch.h"
#include "util/cleanup.h"
#include "util/error.h"

#define HASH "abcdef"

static const struct admin_config admin = { .major = 120, .most = 2 };
static const struct server_programs programs = { .run_dir = ".", .lib_dir = "." };

static int take(const char *id, const char *nonce, const struct vtpm_entry *entries, size_t count,
		struct lease **ret, struct error *err)
{
	const struct open_request request = { .run_dir = ".",
					      .hash = HASH,
					      .id = id,
					      .bundle = "/bundle",
					      .nonce = nonce,
					      .major = 120 };

	return open_lease_take(&request, entries, count, ret, err);
}

/* By a process that is no more. */
static void take_and_die(const char *id, const char *nonce, const struct vtpm_entry *entries,
			 size_t count)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		struct lease *lease;

		unit_child_begin();
		assert_int_equal(take(id, nonce, entries, count, &lease, NULL), 0);
		free(lease);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* What of that container is open; NULL: nothing. */
static struct lease *open_of(const char *id)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	struct lease *open;

	assert_int_equal(lease_book_open(".", &book, NULL), 0);
	assert_int_equal(open_lease_read(book, HASH, id, &open, NULL), 0);
	return open;
}

static void the_numbers_that_were_taken_are_those_of_the_container(void **state)
{
	struct vtpm_entry entries[] = { entry_fixture("0", "memory:"),
					entry_fixture("1", "memory:") };
	cleanup_free struct lease *open = NULL, *other = NULL, *lease = NULL, *left = NULL;
	struct vtpm_entry foreign = entry_fixture("0", "memory:");
	size_t count = 2, one = 1;

	(void)state;
	assert_int_equal(take("a", "n", entries, 2, &open, NULL), 0);
	assert_int_equal(take("b", "m", &foreign, 1, &other, NULL), 0);
	assert_int_equal(open->count, 2);
	assert_true(lease_is_open(open));
	assert_int_not_equal(open->vtpms[0].nodes[0].minor, other->vtpms[0].nodes[0].minor);
	assert_int_equal(lease_fixture_reserve(&admin, "a", "n", entries, &count, &lease, NULL), 0);
	for (size_t i = 0; i < 2; i++) {
		for (size_t j = 0; j < 2; j++)
			assert_int_equal(lease->vtpms[i].nodes[j].minor,
					 open->vtpms[i].nodes[j].minor);
	}
	assert_string_equal(lease->nonce, "n");
	assert_false(lease_is_open(lease));
	left = open_of("a");
	assert_int_equal(left->count, 0);
	/* What is open is no vTPM yet: both that the host may have are made. */
	open_lease_end(".", HASH, "a", "n", getpid());
	assert_null(open_of("a"));
	assert_int_equal(lease_fixture_reserve(&admin, "b", "m", &foreign, &one, &lease, NULL),
			 -EUSERS);
}

static void a_device_that_is_another_one_now_gets_other_numbers(void **state)
{
	struct vtpm_entry entries[] = { entry_fixture("0", "memory:"),
					entry_fixture("1", "memory:") };
	cleanup_free struct lease *open = NULL, *lease = NULL;
	size_t count = 2;

	(void)state;
	assert_int_equal(take("a", "n", entries, 2, &open, NULL), 0);
	entries[0].node_count = 1;
	entries[1].major = 120;
	entries[1].minor = 77;
	assert_int_equal(lease_fixture_reserve(&admin, "a", "n", entries, &count, &lease, NULL), 0);
	for (size_t i = 0; i < 2; i++)
		assert_false(lease_has_number(open, 120, lease->vtpms[i].nodes[0].minor));
	assert_int_equal(lease->vtpms[1].nodes[0].minor, 77);
}

static void numbers_that_nobody_takes_over_stay_the_living_container_s(void **state)
{
	struct vtpm_entry entry = entry_fixture("0", "memory:");
	cleanup_free struct lease *open = NULL, *before = NULL, *left = NULL, *again = NULL;
	struct error err = { "" };
	size_t count = 0;

	(void)state;
	assert_int_equal(take("a", "n", &entry, 1, &open, NULL), 0);
	open_lease_end(".", HASH, "a", "another", getpid());
	before = open_of("a");
	assert_true(lease_is_open(before));
	open_lease_end(".", HASH, "a", "n", getpid());
	left = open_of("a");
	assert_int_equal(left->count, 1);
	assert_false(lease_is_open(left));
	assert_int_equal(containers_prune(&programs, &count, NULL), 0);
	assert_int_equal(count, 0);
	assert_int_equal(take("a", "m", &entry, 1, &again, &err), -EBUSY);
	assert_non_null(strstr(err.text, "another container a lives, process"));
}

static void a_container_that_failed_has_no_numbers(void **state)
{
	struct vtpm_entry entry = entry_fixture("0", "memory:");
	cleanup_free struct lease *open = NULL, *again = NULL;

	(void)state;
	assert_int_equal(take("a", "n", &entry, 1, &open, NULL), 0);
	open_lease_end(".", HASH, "a", "n", 0);
	assert_null(open_of("a"));
	assert_int_equal(take("a", "n", &entry, 1, &again, NULL), 0);
	open_lease_cancel(".", again);
	assert_null(open_of("a"));
}

static void a_process_that_meets_its_own_lease_is_told_that_it_called_itself(void **state)
{
	struct vtpm_entry entry = entry_fixture("0", "memory:");
	cleanup_free struct lease *open = NULL, *again = NULL;
	struct error err = { "" };

	(void)state;
	assert_int_equal(take("a", "n", &entry, 1, &open, NULL), 0);
	assert_int_equal(take("a", "m", &entry, 1, &again, &err), -ELOOP);
	assert_string_equal(err.text, "the runtime that vtpm-runtime calls has called "
				      "vtpm-runtime: name the real one in the configuration");
	assert_null(again);
}

static void what_a_dead_one_took_goes_with_the_next_call_or_the_next_prune(void **state)
{
	struct vtpm_entry entry = entry_fixture("0", "memory:");
	cleanup_free struct lease *first = NULL, *open = NULL, *left = NULL;
	size_t count = 0;

	(void)state;
	take_and_die("a", "n", &entry, 1);
	first = open_of("a");
	assert_int_equal(take("a", "m", &entry, 1, &open, NULL), 0);
	assert_string_equal(open->nonce, "m");
	assert_int_not_equal(open->vtpms[0].nodes[0].minor, first->vtpms[0].nodes[0].minor);
	take_and_die("b", "k", &entry, 1);
	assert_int_equal(containers_prune(&programs, &count, NULL), 0);
	assert_int_equal(count, 1);
	assert_null(open_of("b"));
	left = open_of("a");
	assert_non_null(left);
}

static void a_nonce_is_that_of_a_lease_of_the_container_or_refused(void **state)
{
	struct vtpm_entry entry = entry_fixture("0", "memory:");
	cleanup_free struct lease *open = NULL, *lease = NULL;
	struct error err = { "" };
	size_t count = 1;

	(void)state;
	assert_int_equal(take("a", "n", &entry, 1, &open, NULL), 0);
	assert_int_equal(open_lease_check(".", HASH, "a", "n", NULL), 0);
	assert_int_equal(open_lease_check(".", HASH, "b", "n", NULL), -EINVAL);
	assert_int_equal(open_lease_check(".", HASH, "a", "m", &err), -EINVAL);
	assert_string_equal(err.text,
			    "container a: its config.json is what vtpm-runtime has made of it for "
			    "another one, or for an earlier start");
	assert_int_equal(lease_fixture_reserve(&admin, "a", "n", &entry, &count, &lease, NULL), 0);
	open_lease_end(".", HASH, "a", "n", getpid());
	assert_int_equal(open_lease_check(".", HASH, "a", "n", NULL), 0);
}

static void what_is_open_is_nothing_that_the_container_has(void **state)
{
	struct vtpm_entry entry = entry_fixture("0", "memory:");
	__attribute__((cleanup(holding_done))) struct holding holding = { 0 };
	cleanup_free struct lease *open = NULL;

	(void)state;
	assert_int_equal(take("a", "n", &entry, 1, &open, NULL), 0);
	assert_int_equal(holding_read(".", HASH, "a", &holding, NULL), 0);
	assert_int_equal(holding.count, 0);
}

static void an_entry_that_can_have_no_numbers_now_is_left_to_the_hook(void **state)
{
	struct vtpm_entry entries[] = { entry_fixture("0", "memory:"),
					entry_fixture("1", "memory:") };
	cleanup_free struct lease *other = NULL, *open = NULL;

	(void)state;
	entries[1].major = 120;
	entries[1].minor = 5;
	assert_int_equal(take("b", "m", &entries[1], 1, &other, NULL), 0);
	assert_int_equal(take("a", "n", entries, 2, &open, NULL), 0);
	assert_int_equal(open->count, 1);
	assert_string_equal(open->vtpms[0].nodes[0].path, "/dev/tpm0");
}

/* --- how many a class may give --------------------------------------------------------------- */

#define CLASS_A                                                             \
	{                                                                   \
		.class = "a", .device = "", .owner = "root." HASH, .max = 2 \
	}

/* A vTPM of class "a" for container ID, whose first process is INIT. */
static void give(const char *id, pid_t init, uint32_t minor)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	cleanup_free struct lease *lease = lease_fixture(id, minor);

	(void)strcpy(lease->vtpms[0].claim.class, "a");
	(void)strcpy(lease->vtpms[0].claim.owner, "root." HASH);
	if (init != 0)
		assert_int_equal(process_identify(init, &lease->init), 0);
	assert_int_equal(lease_book_open(".", &book, NULL), 0);
	assert_int_equal(lease_book_put(book, lease, NULL), 0);
}

static void a_class_that_has_no_more_is_refused_before_there_is_a_container(void **state)
{
	const struct class_claim claim = CLASS_A;
	struct vtpm_entry entries[] = { entry_fixture("0", "memory:"),
					entry_fixture("1", "memory:") };
	cleanup_free struct lease *open = NULL, *second = NULL;
	struct error err = { "" };

	(void)state;
	entries[0].claim = &claim;
	entries[1].claim = &claim;
	give("b", getpid(), 10);
	/* The second of them would be the third. */
	assert_int_equal(take("a", "n", entries, 2, &open, &err), -EUSERS);
	assert_string_equal(err.text, "vTPM /dev/tpm1: class a: its max of 2 vTPMs are running");
	assert_null(open_of("a"));
	assert_int_equal(take("a", "n", entries, 1, &open, NULL), 0);
	give("c", getpid(), 20);
	assert_int_equal(take("d", "n", entries, 1, &second, &err), -EUSERS);
	assert_string_equal(err.text, "vTPM /dev/tpm0: class a: its max of 2 vTPMs are running");
}

static void what_the_dead_have_of_a_class_does_not_count(void **state)
{
	const struct class_claim claim = CLASS_A;
	struct vtpm_entry entry = entry_fixture("0", "memory:");
	cleanup_free struct lease *open = NULL;

	(void)state;
	entry.claim = &claim;
	give("b", getpid(), 10);
	give("c", 0, 20);
	assert_int_equal(take("a", "n", &entry, 1, &open, NULL), 0);
}

static void what_a_lenient_hook_leaves_out_is_left_to_it(void **state)
{
	const struct class_claim claim = CLASS_A;
	struct vtpm_entry entry = entry_fixture("0", "memory:");
	const struct open_request request = { .run_dir = ".",
					      .hash = HASH,
					      .id = "a",
					      .bundle = "/bundle",
					      .nonce = "n",
					      .major = 120,
					      .lenient = true };
	cleanup_free struct lease *open = NULL;

	(void)state;
	entry.claim = &claim;
	give("b", getpid(), 10);
	give("c", getpid(), 20);
	assert_int_equal(open_lease_take(&request, &entry, 1, &open, NULL), 0);
}

#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, scratch_set_up, scratch_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		FILE_TEST(the_numbers_that_were_taken_are_those_of_the_container),
		FILE_TEST(a_device_that_is_another_one_now_gets_other_numbers),
		FILE_TEST(numbers_that_nobody_takes_over_stay_the_living_container_s),
		FILE_TEST(a_container_that_failed_has_no_numbers),
		FILE_TEST(a_process_that_meets_its_own_lease_is_told_that_it_called_itself),
		FILE_TEST(what_a_dead_one_took_goes_with_the_next_call_or_the_next_prune),
		FILE_TEST(a_nonce_is_that_of_a_lease_of_the_container_or_refused),
		FILE_TEST(what_is_open_is_nothing_that_the_container_has),
		FILE_TEST(an_entry_that_can_have_no_numbers_now_is_left_to_the_hook),
		FILE_TEST(a_class_that_has_no_more_is_refused_before_there_is_a_container),
		FILE_TEST(what_the_dead_have_of_a_class_does_not_count),
		FILE_TEST(what_a_lenient_hook_leaves_out_is_left_to_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
