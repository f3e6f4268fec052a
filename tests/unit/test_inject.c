/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "runtime/config/inject.h"
#include "runtime/config/members.h"
#include "runtime/config/hide_passwords.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/file.h"

/* A dump with an indentation, as one line. */
static char *one_line(char *text)
{
	char *to = text;

	for (const char *from = text; *from != '\0'; from++) {
		if (*from != '\n')
			*to++ = *from;
		else
			from += strspn(from + 1, " ");
	}
	*to = '\0';
	return text;
}

static void becomes(const char *before, const char *after)
{
	cleanup_json json_t *args = json_pack("[s]", "--root=/r");
	cleanup_free char *text = NULL, *again = NULL;

	assert_int_equal(inject_text(before, "/p", args, &text, NULL), 0);
	assert_int_equal(inject_text(text, "/p", args, &again, NULL), 0);
	assert_string_equal(again, text);
	assert_string_equal(one_line(text), after);
}

#define OURS(stage)                                                                             \
	"{\"path\": \"/p\",\"args\": [\"vtpm-hook\",\"--root=/r\",\"" stage "\"],\"env\": "     \
	"[\"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\"],\"timeout\": " \
	"120}"
#define BOTH "{\"createRuntime\": [" OURS("createRuntime") "],\"poststop\": [" OURS("poststop") "]}"

static void hooks_are_added_and_the_rest_stays(void **state)
{
	(void)state;
	becomes("{}", "{\"hooks\": " BOTH "}");
	becomes("{\"b\": 1.50,\"a\":[null] } ", "{\"b\": 1.50,\"a\":[null],\"hooks\": " BOTH "} ");
	becomes("{\"hooks\" :null, \"a\": 1}", "{\"hooks\" :" BOTH ", \"a\": 1}");
	becomes("{\"Hooks\":{\"poststop\":[{\"path\":\"/other\",\"timeout\":7}]} ,\"a\":1}",
		"{\"Hooks\":{\"poststop\": [{\"path\": \"/other\",\"timeout\": 7}," OURS(
			"poststop") "],\"createRuntime\": [" OURS("createRuntime") "]} ,\"a\":1}");
}

static void no_number_and_no_string_is_changed(void **state)
{
	(void)state;
	becomes("{\"a\": 18446744073709551615, \"b\": 0.1e0, \"c\": \"\\u0026 {\\\"hooks\\\": "
		"1,}\"}",
		"{\"a\": 18446744073709551615, \"b\": 0.1e0, \"c\": \"\\u0026 {\\\"hooks\\\": "
		"1,}\","
		"\"hooks\": " BOTH "}");
	becomes("{\"x\": {\"hooks\": [\"]\", {}]}, \"hooks\": {}, \"y\": -0.0}",
		"{\"x\": {\"hooks\": [\"]\", {}]}, \"hooks\": " BOTH ", \"y\": -0.0}");
}

static void refused(const char *text, const char *message)
{
	cleanup_json json_t *args = json_array();
	cleanup_free char *changed = NULL;
	struct error err = { "" };

	assert_int_equal(inject_text(text, "/p", args, &changed, &err), -EINVAL);
	assert_string_equal(err.text, message);
	assert_null(changed);
}

static void hooks_that_are_none_are_refused(void **state)
{
	(void)state;
	refused("{\"hooks\":{},\"Hooks\":{}}", "hooks is given twice");
	refused("{\"hooks\":7}", "hooks: not an object");
	refused("{\"hooks\":{\"poststop\":{}}}", "hooks: poststop is not an array");
	refused("[]", "not an object");
}

static void hooks_that_cannot_be_kept_are_refused(void **state)
{
	(void)state;
	refused("{\"hooks\":{\"poststart\":[{\"timeout\":1.5}]}}",
		"hooks has a number that is no integer and might be changed");
	refused("{\"hooks\":{\"poststart\":[{\"timeout\":18446744073709551615}]}}",
		"hooks: too big integer near '18446744073709551615'");
	refused("{\"h\\u006foks\":{}}", "the name of hooks is written with an escape");
}

static int chown_errno;

int __real_fchown(int fd, uid_t uid, gid_t gid);
int __wrap_fchown(int fd, uid_t uid, gid_t gid);
int __wrap_fchown(int fd, uid_t uid, gid_t gid)
{
	errno = chown_errno;
	return chown_errno != 0 ? -1 : __real_fchown(fd, uid, gid);
}

/* A runtime or an engine may read it at any moment, and we may be killed. */
static void the_file_is_alike_before_it_takes_the_place_of_the_old_one(void **state)
{
	cleanup_json json_t *args = json_array();
	cleanup_free char *text = NULL;

	(void)state;
	assert_int_equal(mkdir("bundle", 0700), 0);
	scratch_write("bundle/config.json", "{}", 2);
	chown_errno = EPERM;
	assert_int_equal(inject_hooks("bundle", "/p", args, NULL), -EPERM);
	chown_errno = 0;
	assert_int_equal(read_path("bundle/config.json", 4096, &text, NULL), 0);
	assert_string_equal(text, "{}");
	assert_int_equal(unlink("bundle/config.json") | rmdir("bundle"), 0);
}

/* Not every file system has labels. */
static void a_file_keeps_its_owner_and_its_label(void **state)
{
	cleanup_json json_t *args = json_array();
	char label[8] = "";
	struct stat st;
	bool labelled;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(mkdir("bundle", 0700), 0);
	scratch_write("bundle/config.json", "{}", 2);
	assert_int_equal(chown("bundle/config.json", 1, 2), 0);
	labelled = setxattr("bundle/config.json", "security.selinux", "label", 5, 0) == 0;
	assert_int_equal(inject_hooks("bundle", "/p", args, NULL), 0);
	assert_int_equal(stat("bundle/config.json", &st), 0);
	assert_int_equal(st.st_uid, 1);
	assert_int_equal(st.st_gid, 2);
	if (!labelled)
		return;
	assert_int_equal(getxattr("bundle/config.json", "security.selinux", label, 7), 5);
	assert_string_equal(label, "label");
}

static void a_link_stays_one_and_the_file_keeps_its_mode(void **state)
{
	cleanup_json json_t *args = json_array();
	struct stat st;

	(void)state;
	assert_int_equal(mkdir("bundle", 0700), 0);
	scratch_write("real.json", "{}", 2);
	assert_int_equal(chmod("real.json", 0640), 0);
	assert_int_equal(symlink("../real.json", "bundle/config.json"), 0);
	assert_int_equal(inject_hooks("bundle", "/p", args, NULL), 0);
	assert_int_equal(lstat("bundle/config.json", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(lstat("real.json", &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0640);
	assert_true(st.st_size > 2);
	assert_int_equal(truncate("real.json", st.st_size + 1), 0);
	assert_int_equal(inject_hooks("bundle", "/p", args, NULL), -EINVAL);
	assert_int_equal(unlink("real.json"), 0);
	assert_int_equal(inject_hooks("bundle", "/p", args, NULL), -ENOENT);
	assert_int_equal(mkfifo("real.json", 0600), 0);
	assert_int_equal(inject_hooks("bundle", "/p", args, NULL), -ENOTREG);
}

static void hidden(const char *before, const char *after, int count)
{
	char text[512];

	(void)snprintf(text, sizeof(text), "%s", before);
	assert_int_equal(hide_passwords_in(text), count);
	assert_string_equal(text, after);
}

#define VTPMS(entries) \
	" {\"a\": {\"linux\": 1}, \"linux\": {\"resources\": {\"vTPMs\": " entries "}}} "
#define PASSWORD(text) "{\"x\": [1, {}], \"encryptionpassword\" : \"" text "\"}"

static void passwords_are_hidden_and_nothing_else(void **state)
{
	(void)state;
	hidden(VTPMS("[" PASSWORD("a\\\"b") "," PASSWORD("pass=x") "]"),
	       VTPMS("[" PASSWORD("****") "," PASSWORD("******") "]"), 2);
	hidden(VTPMS("[" PASSWORD("file=/x") "," PASSWORD("fd=7") "," PASSWORD("credential=x") "]"),
	       VTPMS("[" PASSWORD("file=/x") "," PASSWORD("fd=7") "," PASSWORD("credential=x") "]"),
	       0);
	hidden(VTPMS("[{\"encryptionPassword\": null}, [], 7, {}]"),
	       VTPMS("[{\"encryptionPassword\": null}, [], 7, {}]"), 0);
	hidden(VTPMS("[]"), VTPMS("[]"), 0);
	hidden("{\"encryptionPassword\": \"x\"}", "{\"encryptionPassword\": \"x\"}", 0);
}

/* That of crun has one name; one with two may be the bundle's own. */
static void only_a_copy_of_its_own_is_changed(void **state)
{
	static const char before[] = VTPMS("[" PASSWORD("secret") "]");
	static const char after[] = VTPMS("[" PASSWORD("******") "]");
	cleanup_free uint8_t *data = NULL, *changed = NULL;
	size_t len;

	(void)state;
	scratch_write("bundle.json", before, strlen(before));
	assert_int_equal(link("bundle.json", "config.json"), 0);
	assert_int_equal(hide_passwords(".", NULL), 0);
	scratch_read("bundle.json", &data, &len);
	assert_memory_equal(data, before, strlen(before));
	assert_int_equal(unlink("config.json"), 0);
	assert_int_equal(symlink("bundle.json", "config.json"), 0);
	assert_int_equal(hide_passwords(".", NULL), 0);

	assert_int_equal(unlink("config.json"), 0);
	assert_int_equal(rename("bundle.json", "config.json"), 0);
	assert_int_equal(hide_passwords(".", NULL), 0);
	scratch_read("config.json", &changed, &len);
	assert_memory_equal(changed, after, strlen(after));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(hooks_are_added_and_the_rest_stays),
		cmocka_unit_test(no_number_and_no_string_is_changed),
		cmocka_unit_test(hooks_that_are_none_are_refused),
		cmocka_unit_test(hooks_that_cannot_be_kept_are_refused),
		cmocka_unit_test(passwords_are_hidden_and_nothing_else),
		cmocka_unit_test_setup_teardown(only_a_copy_of_its_own_is_changed, scratch_set_up,
						scratch_tear_down),
		cmocka_unit_test_setup_teardown(
			the_file_is_alike_before_it_takes_the_place_of_the_old_one, scratch_set_up,
			scratch_tear_down),
		cmocka_unit_test_setup_teardown(a_file_keeps_its_owner_and_its_label,
						scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(a_link_stays_one_and_the_file_keeps_its_mode,
						scratch_set_up, scratch_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
