/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/config/class.h"
#include "runtime/config/class_dir.h"
#include "util/error.h"

#define ROOT "\"stateRoot\": \"/s\""

static void write_class(const char *name, const char *text)
{
	scratch_write(name, text, strlen(text));
}

static int read_class(const char *dir, const char *name, struct error *err)
{
	struct vtpm_class class;
	int r = class_dir_read(dir, geteuid(), name, &class, err);

	if (r == 0)
		class_done(&class);
	return r;
}

static void classes_are_read_by_name(void **state)
{
	const char *dir = *state;
	struct error err = { "" };
	char **names;
	size_t count;

	assert_int_equal(read_class(dir, "web", &err), -ENOENT);
	assert_string_equal(err.text, "there is no class 'web'; there are: none");
	write_class("web.json", "{" ROOT "}");
	write_class("Bad name.json", "");
	write_class("db.json", "{}");
	write_class("db.json.old", "{}");
	write_class(".hidden.json", "{}");
	assert_int_equal(read_class(dir, "web", &err), 0);
	assert_int_equal(read_class(dir, "db", &err), -EINVAL);
	assert_string_equal(err.text, "stateRoot is missing");
	assert_int_equal(read_class(dir, "x", &err), -ENOENT);
	assert_string_equal(err.text, "there is no class 'x'; there are: Bad name, db, web");
	assert_int_equal(read_class(dir, "../x", &err), -EINVAL);
	assert_int_equal(class_dir_names(dir, geteuid(), &names, &count, NULL), 0);
	assert_int_equal(count, 3);
	assert_string_equal(names[2], "web");
	class_dir_free_names(names, count);
}

static void a_class_that_others_could_have_written_is_refused(void **state)
{
	const char *dir = *state;
	char text[256];
	struct error err = { "" };

	write_class("web.json", "{" ROOT "}");
	assert_int_equal(chmod("web.json", 0620), 0);
	assert_int_equal(read_class(dir, "web", &err), -EPERM);
	(void)snprintf(text, sizeof(text), "%s: web.json can be written by others than root", dir);
	assert_string_equal(err.text, text);
	assert_int_equal(rename("web.json", "other"), 0);
	assert_int_equal(chmod("other", 0600), 0);
	assert_int_equal(symlink("other", "web.json"), 0);
	assert_int_equal(read_class(dir, "web", &err), -EPERM);
	assert_int_equal(unlink("web.json"), 0);
	assert_int_equal(mkfifo("web.json", 0600), 0);
	assert_int_equal(read_class(dir, "web", &err), -EPERM);
	assert_int_equal(unlink("web.json"), 0);
	write_class("web.json", "{" ROOT "}");
	assert_int_equal(read_class(dir, "web", &err), 0);
	assert_int_equal(chmod(".", 0777), 0);
	assert_int_equal(read_class(dir, "web", &err), -EPERM);
	(void)snprintf(text, sizeof(text), "%s can be written by others than root", dir);
	assert_string_equal(err.text, text);
	assert_int_equal(mkdir("sub", 0700), 0);
	(void)snprintf(text, sizeof(text), "%s/sub", dir);
	assert_int_equal(read_class(text, "web", &err), -EPERM);
	assert_int_equal(chmod(".", 0700), 0);
	assert_int_equal(read_class(text, "web", &err), -ENOENT);
}

static void somebody_else_s_class_is_refused(void **state)
{
	const char *dir = *state;
	struct error err = { "" };
	char text[256];

	if (geteuid() != 0)
		skip();
	write_class("web.json", "{" ROOT "}");
	assert_int_equal(chown("web.json", 1, 1), 0);
	assert_int_equal(read_class(dir, "web", &err), -EPERM);
	(void)snprintf(text, sizeof(text), "%s: web.json is not root's", dir);
	assert_string_equal(err.text, text);
	assert_int_equal(chown("web.json", 0, 0), 0);
	assert_int_equal(chown(".", 1, 0), 0);
	assert_int_equal(read_class(dir, "web", &err), -EPERM);
	assert_int_equal(chown(".", 0, 0), 0);
}

static void a_class_with_a_password_is_root_s_to_read(void **state)
{
	const char *dir = *state;
	struct error err = { "" };
	char text[256];

	write_class("web.json", "{" ROOT ", \"encryptionPassword\": \"pass=x\"}");
	assert_int_equal(chmod("web.json", 0640), 0);
	assert_int_equal(read_class(dir, "web", &err), -EPERM);
	(void)snprintf(text, sizeof(text), "others than root can read the password in %s/web.json",
		       dir);
	assert_string_equal(err.text, text);
	assert_int_equal(chmod("web.json", 0600), 0);
	assert_int_equal(read_class(dir, "web", &err), 0);
	write_class("web.json", "{" ROOT ", \"encryptionPassword\": \"file=/x\"}");
	assert_int_equal(chmod("web.json", 0644), 0);
	assert_int_equal(read_class(dir, "web", &err), 0);
}

#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, scratch_set_up, scratch_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		FILE_TEST(classes_are_read_by_name),
		FILE_TEST(a_class_that_others_could_have_written_is_refused),
		FILE_TEST(somebody_else_s_class_is_refused),
		FILE_TEST(a_class_with_a_password_is_root_s_to_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
