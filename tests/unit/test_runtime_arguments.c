/* SPDX-License-Identifier: BSD-3-Clause */
/* runtime/front/: the command lines of runtimes. */
#include "tests/unit/unit.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/front/arguments.h"
#include "runtime/host/real_runtime.h"
#include "util/error.h"

/* The words that the program of that name is called with. */
#define WORDS(...) ((const char *const[]){ "runtime", __VA_ARGS__, NULL })

static void same(const char *found, const char *expected)
{
	if (expected == NULL)
		assert_null(found);
	else
		assert_string_equal(found, expected);
}

static void reads(enum runtime_kind kind, const char *const *argv, const char *command,
		  const char *bundle, const char *id)
{
	struct runtime_arguments found;

	runtime_arguments_read(kind, argv, 1, &found);
	same(found.command, command);
	same(found.bundle, bundle);
	same(found.id, id);
}

static void the_command_is_the_first_word_behind_the_global_options(void **state)
{
	(void)state;
	reads(RUNTIME_RUNC, WORDS("--root", "create", "--log=create", "delete", "create"), "delete",
	      NULL, "create");
	reads(RUNTIME_RUNC, WORDS("-root", "/r", "-debug", "create", "-bundle", "/b", "c"),
	      "create", "/b", "c");
	reads(RUNTIME_RUNC, WORDS("--debug", "--systemd-cgroup", "run", "-b=/b", "c"), "run", "/b",
	      "c");
	reads(RUNTIME_RUNC, WORDS("--version"), NULL, NULL, NULL);
	reads(RUNTIME_RUNC, WORDS("features"), "features", NULL, NULL);
	reads(RUNTIME_CRUN,
	      WORDS("--cgroup-manager", "systemd", "--debug", "create", "-b", "/b", "c"), "create",
	      "/b", "c");
	reads(RUNTIME_CRUN, WORDS("--log-level=x", "--rootless", "create", "kill", "c", "9"),
	      "kill", NULL, "c");
	reads(RUNTIME_CRUN, WORDS("--roo", "create"), "create", NULL, NULL);
}

static void each_runtime_has_its_own_forms_of_options(void **state)
{
	(void)state;
	reads(RUNTIME_RUNC, WORDS("create", "c", "--bundle=/b"), "create", "/b", "c");
	reads(RUNTIME_RUNC, WORDS("create", "--pid-file", "/p", "-b", "/b", "--no-pivot", "c"),
	      "create", "/b", "c");
	reads(RUNTIME_RUNC, WORDS("create", "--", "--bundle=/b"), "create", NULL, "--bundle=/b");
	reads(RUNTIME_RUNC, WORDS("create", "--bun", "/b"), "create", NULL, "/b");
	reads(RUNTIME_RUNC, WORDS("create", "-b/b", "c"), "create", NULL, "c");
	reads(RUNTIME_CRUN, WORDS("create", "--bun", "/b", "c"), "create", "/b", "c");
	reads(RUNTIME_CRUN, WORDS("create", "-b/b", "c"), "create", "/b", "c");
	reads(RUNTIME_CRUN, WORDS("run", "-db", "/b", "c"), "run", "/b", "c");
	reads(RUNTIME_CRUN, WORDS("create", "-bundle", "c"), "create", "undle", "c");
	reads(RUNTIME_CRUN, WORDS("create", "--console-socket", "--bundle", "--bundle", "/b"),
	      "create", "/b", NULL);
	reads(RUNTIME_CRUN, WORDS("create", "--bundle"), "create", NULL, NULL);
	reads(RUNTIME_CRUN, WORDS("delete", "--force", "c"), "delete", NULL, "c");
}

static void where_to_complain_is_found(void **state)
{
	struct runtime_arguments found;

	(void)state;
	runtime_arguments_read(RUNTIME_RUNC,
			       WORDS("--root", "/r", "--log", "/b/log.json", "--log-format", "json",
				     "--systemd-cgroup", "create", "--log", "/x", "c"),
			       1, &found);
	same(found.root, "/r");
	same(found.log, "/b/log.json");
	same(found.log_format, "json");
	assert_true(found.systemd_cgroup);
}

static void the_resources_of_an_update_are_found(void **state)
{
	struct runtime_arguments found;

	(void)state;
	runtime_arguments_read(RUNTIME_CRUN, WORDS("update", "--resources", "-", "c"), 1, &found);
	same(found.resources, "-");
	same(found.id, "c");
	assert_int_equal(found.resources_word, 3);
	runtime_arguments_read(RUNTIME_CRUN,
			       WORDS("update", "--memory", "7", "--resources=/tmp/x", "c"), 1,
			       &found);
	same(found.resources, "/tmp/x");
	same(found.id, "c");
	assert_int_equal(found.resources_word, 4);
	runtime_arguments_read(RUNTIME_CRUN, WORDS("update", "-r/tmp/x", "c"), 1, &found);
	same(found.resources, "/tmp/x");
	assert_int_equal(found.resources_word, 2);
}

static void own_options_come_first_and_are_counted(void **state)
{
	struct runtime_arguments found;
	struct own_options own;

	(void)state;
	assert_int_equal(own_options_read(WORDS("--vtpm-class=web:1", "--vtpm-class=default",
						"--vtpm-runtime=/usr/bin/crun", "--debug",
						"--vtpm-class=x", "create", "c"),
					  &own, NULL),
			 0);
	assert_int_equal(own.count, 3);
	assert_int_equal(own.classes.count, 2);
	assert_string_equal(own.classes.list[0].class, "web");
	assert_false(own.classes.list[0].by_annotation);
	assert_string_equal(own.runtime, "/usr/bin/crun");
	assert_null(own.config);
	runtime_arguments_read(RUNTIME_CRUN, WORDS("--vtpm-class=create", "--debug", "kill", "c"),
			       2, &found);
	same(found.command, "kill");
	assert_int_equal(own_options_read(WORDS("--vtpm-version"), &own, NULL), 0);
	assert_true(own.version);
}

static void own_options_that_are_wrong_are_refused_and_passed(void **state)
{
	static const char *const mistakes[][2] = {
		{ "--vtpm-class=a b",
		  "--vtpm-class: options for vtpm-runtime cannot have blanks or characters that a "
		  "shell takes apart" },
		{ "--vtpm-runtime=/usr/bin/$x",
		  "--vtpm-runtime: options for vtpm-runtime cannot have blanks or characters that "
		  "a shell takes apart" },
		{ "--vtpm-runtime=runc", "--vtpm-runtime=runc: not an absolute path" },
		{ "--vtpm-class=A", "'A' is not a class's name" },
		{ "--vtpm-class", "--vtpm-class: vtpm-runtime has no such option" },
		{ "--vtpm-colour=red", "--vtpm-colour=red: vtpm-runtime has no such option" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		struct error err = { "" };
		struct own_options own;

		assert_int_equal(own_options_read(WORDS(mistakes[i][0], "--vtpm-x", "--log", "/l"),
						  &own, &err),
				 -EINVAL);
		assert_string_equal(err.text, mistakes[i][1]);
		assert_int_equal(own.count, 2);
	}
}

static void a_runtime_s_name_tells_its_kind(void **state)
{
	(void)state;
	assert_int_equal(runtime_kind_of("/usr/sbin/vtpm-crun"), RUNTIME_CRUN);
	assert_int_equal(runtime_kind_of("/opt/crun/runc"), RUNTIME_RUNC);
	assert_int_equal(runtime_kind_of("crun-1.8"), RUNTIME_CRUN);
	assert_int_equal(runtime_kind_of("vtpm-runtime"), RUNTIME_RUNC);
}

static void the_real_runtime_is_the_configured_one_and_never_ourselves(void **state)
{
	const char *dir = *state;
	struct error err = { "" };
	char path[PATH_MAX], real[PATH_MAX], message[PATH_MAX + 128];

	(void)snprintf(real, sizeof(real), "%s/runc", dir);
	assert_int_equal(real_runtime_find("runc", real, "/self", path, &err), -ENOENT);
	scratch_write("runc", "", 0);
	assert_int_equal(chmod("runc", 0600), 0);
	assert_int_equal(real_runtime_find("runc", real, "/self", path, &err), -EACCES);
	assert_int_equal(chmod("runc", 0700), 0);
	assert_int_equal(real_runtime_find("runc", real, "/self", path, &err), 0);
	assert_string_equal(path, real);
	assert_int_equal(symlink("runc", "link"), 0);
	(void)snprintf(path, sizeof(path), "%s/link", dir);
	assert_int_equal(real_runtime_find("runc", real, path, path, &err), -ELOOP);
	(void)snprintf(message, sizeof(message),
		       "%s, the runtime to call, is vtpm-runtime itself: name the real one in the "
		       "configuration",
		       real);
	assert_string_equal(err.text, message);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_command_is_the_first_word_behind_the_global_options),
		cmocka_unit_test(each_runtime_has_its_own_forms_of_options),
		cmocka_unit_test(where_to_complain_is_found),
		cmocka_unit_test(the_resources_of_an_update_are_found),
		cmocka_unit_test(own_options_come_first_and_are_counted),
		cmocka_unit_test(own_options_that_are_wrong_are_refused_and_passed),
		cmocka_unit_test(a_runtime_s_name_tells_its_kind),
		cmocka_unit_test_setup_teardown(
			the_real_runtime_is_the_configured_one_and_never_ourselves, scratch_set_up,
			scratch_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
