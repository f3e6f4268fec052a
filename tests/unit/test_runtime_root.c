/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/id_map.h"
#include "runtime/host/process.h"
#include "runtime/host/runtime_root.h"

#define WORDS(text) text, sizeof(text)

static void called(const char *cmdline, size_t len, const char *program, const char *root,
		   const char *command)
{
	struct runtime_call call;

	assert_int_equal(runtime_call_parse(cmdline, len, &call), 0);
	assert_string_equal(call.program, program);
	if (root != NULL)
		assert_string_equal(call.root, root);
	else
		assert_null(call.root);
	if (command != NULL)
		assert_string_equal(call.command, command);
	else
		assert_null(call.command);
}

static void the_root_is_found_on_a_command_line(void **state)
{
	(void)state;
	called(WORDS("/usr/sbin/runc\0--root\0/r\0create\0id"), "runc", "/r", "create");
	called(WORDS("crun\0--debug\0--root=/r\0run\0id"), "crun", "/r", "run");
	called(WORDS("runc\0--log\0create\0-root\0/r\0create\0id"), "runc", "/r", "create");
	called(WORDS("runc\0--root\0/r\0--log\0l\0delete\0id"), "runc", "/r", "delete");
}

static void what_belongs_to_the_command_is_not_the_root(void **state)
{
	struct runtime_call call;

	(void)state;
	called(WORDS("runc\0create\0--root\0/r\0id"), "runc", NULL, "create");
	called(WORDS("runc\0--root"), "runc", NULL, NULL);
	called(WORDS("runc\0--log"), "runc", NULL, NULL);
	assert_int_equal(runtime_call_parse("", 0, &call), -EINVAL);
	assert_int_equal(runtime_call_parse("runc", 4, &call), -EINVAL);
}

static const char *root_of(const char *program, const char *root, const char *command)
{
	struct runtime_call call = { program, root, command };
	static char ret[PATH_MAX];
	int r = runtime_call_root(&call, NULL, ret);

	return r == 0 ? ret : NULL;
}

static void a_runtime_of_any_name_is_known_by_its_root_and_command(void **state)
{
	static const char *const commands[] = { "create", "run",     "start",
						"delete", "restore", "checkpoint" };

	(void)state;
	assert_string_equal(root_of("crun", NULL, "create"), "/run/crun");
	assert_string_equal(root_of("runc", "/r", "kill"), "/r");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		assert_string_equal(root_of("docker-runc", "/r", commands[i]), "/r");
		assert_null(root_of("docker-runc", NULL, commands[i]));
		assert_null(root_of("podman", "/r", commands[i]));
		assert_null(root_of("buildah", "/r", commands[i]));
	}
	assert_null(root_of("docker-runc", "/r", "kill"));
	assert_null(root_of("docker-runc", "/r", NULL));
}

static void crun_alone_goes_by_its_session(void **state)
{
	static const struct runtime_call crun = { "crun", NULL, "create" },
					 told = { "crun", "/r", "create" },
					 runc = { "runc", NULL, "create" };
	char root[PATH_MAX], too_long[PATH_MAX];

	(void)state;
	assert_int_equal(runtime_call_root(&crun, "/run/user/0", root), 0);
	assert_string_equal(root, "/run/user/0/crun");
	assert_int_equal(runtime_call_root(&crun, "", root), 0);
	assert_string_equal(root, "/run/crun");
	assert_int_equal(runtime_call_root(&told, "/run/user/0", root), 0);
	assert_string_equal(root, "/r");
	assert_int_equal(runtime_call_root(&runc, "/run/user/0", root), 0);
	assert_string_equal(root, "/run/runc");
	memset(too_long, 'x', sizeof(too_long) - 1);
	too_long[sizeof(too_long) - 1] = '\0';
	assert_int_equal(runtime_call_root(&crun, too_long, root), -ENAMETOOLONG);
}

static void the_hash_is_that_of_the_path_and_a_newline(void **state)
{
	char hash[ROOT_HASH_LEN + 1];

	(void)state;
	/* echo /run/runc | sha256sum */
	runtime_root_hash("/run/runc", hash);
	assert_string_equal(hash, "3d9ee5");
}

static void an_explicit_root_is_made_plain(void **state)
{
	struct runtime_root root;

	(void)state;
	assert_int_equal(runtime_root_find("/run//runc/", &root, NULL), 0);
	assert_string_equal(root.path, "/run/runc");
	assert_true(root.known);
	assert_int_equal(runtime_root_find("/", &root, NULL), 0);
	assert_string_equal(root.path, "/");
}

static void cleaned(const char *path, const char *expected)
{
	char text[64];

	(void)strcpy(text, path);
	runtime_root_clean(text);
	assert_string_equal(text, expected);
}

static void a_path_is_cleaned_as_it_is_written(void **state)
{
	(void)state;
	cleaned("/run/runc", "/run/runc");
	cleaned("/run//runc/", "/run/runc");
	cleaned("/./run/./runc/.", "/run/runc");
	cleaned("/run/x/../runc", "/run/runc");
	cleaned("/run/runc/x/y/../..", "/run/runc");
	cleaned("/../..", "/");
	cleaned("/a/../../b", "/b");
	cleaned("/..a/...", "/..a/...");
	cleaned("/", "/");
}

/* All of them made absolute from a directory that has "root" and "link", which leads to it. */
static void one_root_has_one_name(void **state)
{
	static const char *const spellings[] = { "root", "./root",  "x/../root",    "root/",
						 "link", "./link/", "link/../root", ".//root/." };
	struct runtime_root root;

	(void)state;
	assert_int_equal(mkdir("root", 0700), 0);
	assert_int_equal(symlink("root", "link"), 0);
	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		const char *path = scratch_path(spellings[i]);

		assert_int_equal(runtime_root_find(spellings[i], &root, NULL), 0);
		assert_string_equal(root.path, scratch_path("root"));
		assert_int_equal(runtime_root_find(path, &root, NULL), 0);
		assert_string_equal(root.path, scratch_path("root"));
	}
	assert_int_equal(runtime_root_find("x/../none/.", &root, NULL), 0);
	assert_string_equal(root.path, scratch_path("none"));
}

static void a_process_name_may_be_anything(void **state)
{
	static const char text[] = "12 (a) R 1 (b)) S 7 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 "
				   "987654321012 1 2";
	uint64_t start;
	pid_t parent;
	char status;

	(void)state;
	assert_int_equal(process_parse_stat(text, &parent, &start, &status), 0);
	assert_int_equal(parent, 7);
	assert_int_equal(status, 'S');
	assert_true(start == 987654321012);
	assert_true(process_parse_stat("12 (a) S 7 1", &parent, &start, &status) < 0);
	assert_true(process_parse_stat("", &parent, &start, &status) < 0);
}

static void a_process_is_known_by_its_start(void **state)
{
	struct process self;

	(void)state;
	assert_int_equal(process_identify(getpid(), &self), 0);
	assert_true(process_lives(&self));
	self.start++;
	assert_false(process_lives(&self));
	assert_true(process_open(&self) < 0);
}

static void ids_are_mapped(void **state)
{
	static const char map[] =
		"         0     100000      65536\n     70000       1000          1\n";
	uint32_t id;

	(void)state;
	assert_int_equal(id_map_find(map, 0, &id), 0);
	assert_int_equal(id, 100000);
	assert_int_equal(id_map_find(map, 65535, &id), 0);
	assert_int_equal(id, 165535);
	assert_int_equal(id_map_find(map, 70000, &id), 0);
	assert_int_equal(id, 1000);
	assert_true(id_map_find(map, 65536, &id) < 0);
	assert_true(id_map_find("0 4294967295 2", 1, &id) < 0);
	assert_true(id_map_find("x", 1, &id) < 0);
	assert_true(id_map_find("", 0, &id) < 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_root_is_found_on_a_command_line),
		cmocka_unit_test(what_belongs_to_the_command_is_not_the_root),
		cmocka_unit_test(a_runtime_of_any_name_is_known_by_its_root_and_command),
		cmocka_unit_test(crun_alone_goes_by_its_session),
		cmocka_unit_test(the_hash_is_that_of_the_path_and_a_newline),
		cmocka_unit_test(an_explicit_root_is_made_plain),
		cmocka_unit_test(a_path_is_cleaned_as_it_is_written),
		cmocka_unit_test_setup_teardown(one_root_has_one_name, scratch_set_up,
						scratch_tear_down),
		cmocka_unit_test(a_process_name_may_be_anything),
		cmocka_unit_test(a_process_is_known_by_its_start),
		cmocka_unit_test(ids_are_mapped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
