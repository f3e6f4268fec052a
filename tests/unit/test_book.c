/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"
#include "tests/unit/lease_fixture.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/lease/book.h"
#include "runtime/lease/index.h"
#include "util/error.h"
#include "util/file.h"

/* Each test is in a directory of its own: the book of "." is in ./leases. */
static struct lease_book *open_book(void)
{
	struct lease_book *book = NULL;

	assert_int_equal(lease_book_open(".", &book, NULL), 0);
	return book;
}

static int put(struct lease *lease, struct error *err)
{
	cleanup_with(lease_book_closep) struct lease_book *book = open_book();
	cleanup_free struct lease *owned = lease;

	return lease_book_put(book, owned, err);
}

static void assert_owner(const char *got, const char *wanted)
{
	assert_non_null(got);
	assert_string_equal(got, wanted);
}

static void assert_count(size_t wanted)
{
	cleanup_with(lease_book_closep) struct lease_book *book = open_book();

	assert_int_equal(lease_index_count(lease_book_index(book)), wanted);
}

static void leases_hold_their_numbers_names_and_states(void **state)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	const struct lease_index *index;

	(void)state;
	assert_int_equal(put(lease_fixture("c1", 1), NULL), 0);
	assert_int_equal(put(lease_fixture("c2", 5), NULL), 0);
	book = open_book();
	index = lease_book_index(book);
	assert_int_equal(lease_index_count(index), 2);
	assert_owner(lease_index_number_owner(index, 120, 1), "c1");
	assert_owner(lease_index_number_owner(index, 120, 2), "c1");
	assert_owner(lease_index_number_owner(index, 120, 6), "c2");
	assert_null(lease_index_number_owner(index, 120, 3));
	assert_null(lease_index_number_owner(index, 121, 1));
	assert_owner(lease_index_state_owner(index, "/state/c1"), "c1");
	assert_null(lease_index_state_owner(index, "/state/c"));
	assert_owner(lease_index_name_owner(index, "tpmrm-abcdef-c2-0"), "c2");
	assert_null(lease_index_name_owner(index, "tpmrm-abcdef-c2"));
	assert_true(lease_index_has_major(index, 120));
	assert_false(lease_index_has_major(index, 12));
}

static void what_is_removed_holds_nothing(void **state)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	cleanup_free struct lease *lease = lease_fixture("c1", 1), *back = NULL;

	(void)state;
	assert_int_equal(put(lease_fixture("c1", 1), NULL), 0);
	assert_int_equal(put(lease_fixture("c2", 5), NULL), 0);
	book = open_book();
	assert_int_equal(lease_book_remove(book, lease, NULL), 0);
	assert_null(lease_index_number_owner(lease_book_index(book), 120, 1));
	assert_owner(lease_index_number_owner(lease_book_index(book), 120, 5), "c2");
	assert_int_equal(lease_book_read(book, "abcdef-c1", &back, NULL), -ENOENT);
	assert_int_equal(lease_book_remove(book, lease, NULL), 0);
	lease_book_close(take_ptr(book));
	assert_count(1);
}

static void another_lease_of_a_container_replaces_the_first(void **state)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	cleanup_free struct lease *back = NULL;

	(void)state;
	assert_int_equal(put(lease_fixture("c1", 1), NULL), 0);
	assert_int_equal(put(lease_fixture("c1", 7), NULL), 0);
	assert_count(1);
	book = open_book();
	assert_null(lease_index_number_owner(lease_book_index(book), 120, 1));
	assert_owner(lease_index_number_owner(lease_book_index(book), 120, 7), "c1");
	assert_int_equal(lease_book_read(book, "abcdef-c1", &back, NULL), 0);
	assert_int_equal(back->vtpms[0].nodes[1].minor, 8);
}

/* An older hook, or an administrator, knows no index. */
static void leases_that_somebody_else_wrote_or_removed_are_seen(void **state)
{
	cleanup_free struct lease *lease = lease_fixture("c2", 5);
	cleanup_free char *text = NULL;

	(void)state;
	assert_int_equal(put(lease_fixture("c1", 1), NULL), 0);
	assert_count(1);
	assert_int_equal(lease_format(lease, &text), 0);
	scratch_write("leases/abcdef-c2.json", text, strlen(text));
	assert_count(2);
	assert_int_equal(unlink("leases/abcdef-c1.json"), 0);
	assert_int_equal(unlink("leases/abcdef-c2.json"), 0);
	assert_count(0);
}

static void an_index_that_is_damaged_is_made_anew(void **state)
{
	uint8_t *data;
	size_t len;

	(void)state;
	assert_int_equal(put(lease_fixture("c1", 1), NULL), 0);
	assert_count(1);
	scratch_read("leases/.index/index", &data, &len);
	data[len - 1] = 'x';
	scratch_write("leases/.index/index", data, len);
	assert_count(1);
	scratch_write("leases/.index/index", data, 3);
	assert_count(1);
	free(data);
	assert_int_equal(unlink("leases/.index/index"), 0);
	assert_int_equal(mkfifo("leases/.index/index", 0600), 0);
	assert_count(1);
}

static void the_index_is_read_and_the_leases_are_not(void **state)
{
	static const char none[] = "{";

	(void)state;
	assert_int_equal(put(lease_fixture("c1", 1), NULL), 0);
	/* In its place: the directory does not change. */
	scratch_write("leases/abcdef-c1.json", none, strlen(none));
	assert_count(1);
}

static void numbers_go_round_and_skip_what_is_taken(void **state)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	uint32_t minor;

	(void)state;
	assert_int_equal(put(lease_fixture("c1", 0), NULL), 0);
	book = open_book();
	assert_int_equal(lease_book_next_minor(book, 120, &minor, NULL), 0);
	assert_int_equal(minor, 2); /* 0 and 1 are the lease's */
	lease_book_close(take_ptr(book));

	/* Also after the one that had it is gone, and by another process. */
	book = open_book();
	assert_int_equal(lease_book_next_minor(book, 120, &minor, NULL), 0);
	assert_int_equal(minor, 3);
}

/* Of container "big", with paths of LEN bytes C. */
static struct lease *make_big(size_t count, size_t len, char c)
{
	cleanup_free struct lease *one = lease_fixture("big", 4);
	struct lease *lease;

	memset(one->vtpms[0].state_path + 1, c, len - 1);
	memset(one->vtpms[0].cgroup, c, len);
	one->vtpms[0].cgroup[0] = '/';
	assert_int_equal(lease_new(count, &lease), 0);
	memcpy(lease, one, sizeof(*lease));
	lease->count = count;
	for (size_t i = 0; i < count; i++)
		lease->vtpms[i] = one->vtpms[0];
	return lease;
}

static void what_is_written_can_be_read_again(void **state)
{
	struct error err = { "" };

	(void)state;
	assert_int_equal(put(make_big(LEASE_VTPMS_MAX, PATH_MAX - 1, '\1'), &err), -EFBIG);
	assert_string_equal(err.text, "write the lease of big: File too large");
	assert_int_equal(put(make_big(LEASE_VTPMS_MAX + 1, 10, 'x'), NULL), -EFBIG);
	assert_int_equal(put(make_big(256, PATH_MAX - 1, 'x'), NULL), 0);
	assert_count(256);
	assert_int_equal(unlink("leases/.index/index"), 0);
	assert_count(256);
}

static void odd(const char *name)
{
	char bad[64];

	assert_count(1);
	(void)snprintf(bad, sizeof(bad), "leases/%s.bad", name);
	assert_true(faccessat(AT_FDCWD, bad, F_OK, AT_SYMLINK_NOFOLLOW) == 0);
	(void)snprintf(bad, sizeof(bad), "leases/%s", name);
	assert_true(faccessat(AT_FDCWD, bad, F_OK, AT_SYMLINK_NOFOLLOW) < 0);
}

static void what_is_no_lease_is_set_aside_whatever_it_is(void **state)
{
	cleanup_free struct lease *lease = lease_fixture("other", 5);
	cleanup_free char *text = NULL;

	(void)state;
	assert_int_equal(put(lease_fixture("c1", 1), NULL), 0);
	scratch_write("leases/a-text.json", "{", 1);
	odd("a-text.json");
	assert_int_equal(mkfifo("leases/a-fifo.json", 0600), 0);
	odd("a-fifo.json");
	assert_int_equal(mkdir("leases/a-directory.json", 0700), 0);
	odd("a-directory.json");
	assert_int_equal(symlink("nowhere", "leases/a-dangling.json"), 0);
	odd("a-dangling.json");
	assert_int_equal(symlink("abcdef-c1.json", "leases/abcdef-c3.json"), 0);
	odd("abcdef-c3.json");
	/* One container's lease by the name of another. */
	assert_int_equal(lease_format(lease, &text), 0);
	scratch_write("leases/abcdef-c2.json", text, strlen(text));
	odd("abcdef-c2.json");
}

static void a_lease_that_is_damaged_later_is_set_aside_too(void **state)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	cleanup_free struct lease *lease = NULL;

	(void)state;
	assert_int_equal(put(lease_fixture("c1", 1), NULL), 0);
	assert_int_equal(put(lease_fixture("c2", 5), NULL), 0);
	scratch_write("leases/abcdef-c1.json", "{", 1);
	book = open_book();
	assert_int_equal(lease_book_read(book, "abcdef-c1", &lease, NULL), -ENOENT);
	assert_int_equal(lease_book_read(book, "abcdef-c2", &lease, NULL), 0);
	lease_book_close(take_ptr(book));
	odd("abcdef-c1.json");
}

static void the_book_is_locked_for_old_hooks_and_new_ones(void **state)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	cleanup_with(lease_book_closep) struct lease_book *book = open_book();
	cleanup_close int fd = open("leases/.lock", O_RDWR | O_CLOEXEC);

	(void)state;
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), -1);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &lock), -1);
	lease_book_close(take_ptr(book));
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &lock), 0);
}

static void words_that_are_no_index_are_refused(void **state)
{
	static const struct {
		const char *words;
		size_t len;
	} bad[] = {
		{ "labc-x", 6 }, /* without its end */
		{ "nname", 6 },  /* nobody's */
		{ "labc-x\0\0", 8 }, { "labc-x\0qx", 10 }, { "labcx", 6 },
	};
	struct lease_index *index = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(lease_index_parse(bad[i].words, bad[i].len, &index), -EINVAL);
	assert_int_equal(lease_index_parse("labc-x\0nname", 13, &index), 0);
	assert_owner(lease_index_name_owner(index, "name"), "x");
	lease_index_free(index);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_set_up, scratch_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		IN_SCRATCH(leases_hold_their_numbers_names_and_states),
		IN_SCRATCH(what_is_removed_holds_nothing),
		IN_SCRATCH(another_lease_of_a_container_replaces_the_first),
		IN_SCRATCH(leases_that_somebody_else_wrote_or_removed_are_seen),
		IN_SCRATCH(an_index_that_is_damaged_is_made_anew),
		IN_SCRATCH(the_index_is_read_and_the_leases_are_not),
		IN_SCRATCH(numbers_go_round_and_skip_what_is_taken),
		IN_SCRATCH(what_is_written_can_be_read_again),
		IN_SCRATCH(what_is_no_lease_is_set_aside_whatever_it_is),
		IN_SCRATCH(a_lease_that_is_damaged_later_is_set_aside_too),
		IN_SCRATCH(the_book_is_locked_for_old_hooks_and_new_ones),
		cmocka_unit_test(words_that_are_no_index_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
