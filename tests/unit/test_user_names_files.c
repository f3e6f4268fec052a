/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "util/user.h"
#include "util/user_names.h"

/* What is read in place of /etc; NULL: there are no files. */
static const char *passwd, *group;

/* Where a long has 32 bits, functions with offsets of files are called by another name. */
#if defined(__LP64__)
#define FOPEN "fopen"
#else
#define FOPEN "fopen64"
#endif

FILE *__real_fopen(const char *path, const char *mode) __asm__("__real_" FOPEN);
FILE *__wrap_fopen(const char *path, const char *mode) __asm__("__wrap_" FOPEN);

FILE *__wrap_fopen(const char *path, const char *mode)
{
	const char *text = NULL;

	if (strcmp(path, "/etc/passwd") == 0)
		text = passwd;
	else if (strcmp(path, "/etc/group") == 0)
		text = group;
	else
		return __real_fopen(path, mode);
	return text != NULL ? fmemopen((void *)(uintptr_t)text, strlen(text), "r") : NULL;
}

static void assert_user(const char *text, uid_t uid, gid_t gid)
{
	struct user user = { 1, 1 };

	assert_int_equal(user_parse_owner(text, &user, NULL), 0);
	assert_int_equal(user.uid, uid);
	assert_int_equal(user.gid, gid);
}

static void names_are_those_of_the_files(void **state)
{
	(void)state;
	passwd = "root:x:0:0:root:/:/bin/sh\n"
		 "tss:x:117:118::/:\n"
		 "tss:x:1:1::/:\n"
		 "tp:x:7:8::/:\n";
	group = "root:x:0:\nkvm:x:36:tss\nkvm:x:37:\n";
	assert_user("tss", 117, 118);
	assert_user("117", 117, 118);
	assert_user("tp", 7, 8);
	assert_user("118", 118, 118);
	assert_user("tss:kvm", 117, 36);
	assert_user("5:kvm", 5, 36);
}

static void what_is_no_entry_is_skipped(void **state)
{
	(void)state;
	passwd = "\n# tss:x:1:1::/:\nnonsense\ntss:x:many:1::/:\ntss:x:117:118::/:\n";
	group = "kvm\nkvm:x::\nkvm:x:36:";
	assert_user("tss:kvm", 117, 36);
}

static void assert_unknown(const char *user, const char *its_group)
{
	struct user untouched = { 3, 4 };
	gid_t gid = 5;

	assert_false(user_of_name(user, &untouched));
	assert_false(user_of_uid(117, &untouched));
	assert_false(gid_of_name(its_group, &gid));
	assert_int_equal(untouched.uid, 3);
	assert_int_equal(untouched.gid, 4);
	assert_int_equal(gid, 5);
}

static void nobody_has_a_name_that_is_not_there(void **state)
{
	(void)state;
	passwd = "root:x:0:0::/:\n";
	group = "root:x:0:\n";
	assert_unknown("tss", "tss");
	assert_unknown("", "");
	passwd = group = NULL;
	assert_unknown("tss", "tss");
	assert_unknown("root", "root");
}

static void an_appliance_without_files_has_root_and_numbers(void **state)
{
	(void)state;
	passwd = group = NULL;
	assert_user("root", 0, 0);
	assert_user("117", 117, 117);
	assert_user("117:0", 117, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_those_of_the_files),
		cmocka_unit_test(what_is_no_entry_is_skipped),
		cmocka_unit_test(nobody_has_a_name_that_is_not_there),
		cmocka_unit_test(an_appliance_without_files_has_root_and_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
