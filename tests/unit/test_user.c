/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "util/error.h"
#include "util/user.h"

static void assert_user(const char *text, uid_t uid, gid_t gid)
{
	struct user user = { 1, 1 };

	assert_int_equal(user_find(text, &user, NULL), 0);
	assert_int_equal(user.uid, uid);
	assert_int_equal(user.gid, gid);
}

static void a_user_is_a_name_or_a_number(void **state)
{
	(void)state;
	assert_user("root", 0, 0);
	assert_user("0", 0, 0);
	/* Nobody has to know a number. */
	assert_user("4000000001", 4000000001, 4000000001);
	assert_user("4294967294", 4294967294, 4294967294);
}

static void refused(const char *text, const char *expected)
{
	struct error err = { "" };
	struct user user;

	assert_int_equal(user_parse_owner(text, &user, &err), -ENOENT);
	assert_string_equal(err.text, expected);
}

/* (uid_t)-1 would mean "leave it as it is". */
static void what_is_neither_has_its_sentence(void **state)
{
	(void)state;
	refused("4294967295", "no user '4294967295'");
	refused("4294967296", "no user '4294967296'");
	refused("-1", "no user '-1'");
	refused("0x0", "no user '0x0'");
	refused("1 ", "no user '1 '");
	refused("", "no user ''");
	refused(":0", "no user ''");
	refused("0:", "no group ''");
	refused("0:4294967295", "no group '4294967295'");
	refused("0:no-such-group", "no group 'no-such-group'");
	refused("0:0:0", "no group '0:0'");
}

static void assert_owner(const char *text, uid_t uid, gid_t gid)
{
	struct user user = { 1, 1 };

	assert_int_equal(user_parse_owner(text, &user, NULL), 0);
	assert_int_equal(user.uid, uid);
	assert_int_equal(user.gid, gid);
}

static void an_owner_is_a_user_and_a_group(void **state)
{
	(void)state;
	assert_owner("0:0", 0, 0);
	assert_owner("root:root", 0, 0);
	assert_owner("0:4000000002", 0, 4000000002);
	assert_owner("4000000001:root", 4000000001, 0);
	assert_owner("4000000001", 4000000001, 4000000001);
	assert_owner("root", 0, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_user_is_a_name_or_a_number),
		cmocka_unit_test(what_is_neither_has_its_sentence),
		cmocka_unit_test(an_owner_is_a_user_and_a_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
