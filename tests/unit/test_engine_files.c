/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"
#include "tests/unit/scratch.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/host/engine_files.h"

static void add_line(const char *path, const char *name, void *context)
{
	char *text = context;

	(void)sprintf(text + strlen(text), "%s %s\n", path, name);
}

static void files_that_name_us_are_found_and_no_others(void **state)
{
	static const char *const dirs[] = { "etc", "etc/docker", "etc/crio",
					    "etc/crio/crio.conf.d" };
	static const char json[] = "{\"runtimes\": {\"v\": {\"path\": \"/usr/sbin/vtpm-runc\"}}}";
	static const char plain[] = "[crio.runtime.runtimes.runc]\n";
	static const char annotations[] = "allowed_annotations = [\"vtpm-cuse.org/class\"]\n";
	char text[256] = "";

	(void)state;
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		assert_int_equal(mkdir(dirs[i], 0700), 0);
	scratch_write("etc/docker/daemon.json", json, strlen(json));
	scratch_write("etc/docker/other.json", json, strlen(json));
	scratch_write("etc/crio/crio.conf", plain, strlen(plain));
	scratch_write("etc/crio/crio.conf.d/10-vtpm", annotations, strlen(annotations));
	engine_files_visit(".", add_line, text);
	assert_string_equal(text, "./etc/docker/daemon.json vtpm-runc\n"
				  "./etc/crio/crio.conf.d/10-vtpm vtpm-cuse.org/\n");
}

static void a_text_names_us_wherever_it_does(void **state)
{
	(void)state;
	assert_string_equal(engine_text_names_us("x\0vtpm-hook", 11), "vtpm-hook");
	assert_null(engine_text_names_us("vtpm-hook", 8));
	assert_null(engine_text_names_us("", 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(files_that_name_us_are_found_and_no_others,
						scratch_set_up, scratch_tear_down),
		cmocka_unit_test(a_text_names_us_wherever_it_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
