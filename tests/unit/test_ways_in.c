/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"
#include "tests/unit/scratch.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/hook/ways_in.h"

/* What is found of ./vtpm-runc in front of NAME, with CONF as the configuration. */
static void assert_way(const char *name, const char *conf, enum way_state state, const char *text)
{
	struct way_in way = { .path = scratch_path("vtpm-runc"), .text = "" };

	scratch_write("conf", conf, strlen(conf));
	way_in_front_of(name, "conf", &way);
	if (strstr(way.text, text) == NULL)
		print_error("%s\n", way.text);
	assert_non_null(strstr(way.text, text));
	assert_int_equal(way.state, state);
	assert_true((text[0] == '\0') == (way.text[0] == '\0'));
}

/* A configuration in which ./PROGRAM is runc. */
static const char *with_runc(const char *program)
{
	static char conf[PATH_MAX + 16];

	(void)snprintf(conf, sizeof(conf), "{\"runc\": \"%s\"}", scratch_path(program));
	return conf;
}

static void make_program(const char *name)
{
	scratch_write(name, "", 0);
	assert_int_equal(chmod(name, 0700), 0);
}

static void a_way_is_good_where_the_real_runtime_is_behind_it(void **state)
{
	(void)state;
	make_program("vtpm-runc");
	make_program("runc");
	assert_way("runc", with_runc("runc"), WAY_GOOD, "");
}

static void each_name_has_its_own_runtime(void **state)
{
	char conf[PATH_MAX + 64];

	(void)state;
	make_program("vtpm-runc");
	make_program("crun");
	(void)snprintf(conf, sizeof(conf), "{\"runc\": \"/nowhere\", \"crun\": \"%s\"}",
		       scratch_path("crun"));
	assert_way("crun", conf, WAY_GOOD, "");
	assert_way("runc", conf, WAY_BROKEN, "/nowhere: No such file or directory");
}

static void a_configured_runtime_that_cannot_be_called_breaks_the_way(void **state)
{
	(void)state;
	make_program("vtpm-runc");
	assert_way("runc", with_runc("runc"), WAY_BROKEN, "/runc: No such file or directory");
	scratch_write("runc", "", 0);
	assert_int_equal(chmod("runc", 0600), 0);
	assert_way("runc", with_runc("runc"), WAY_BROKEN, "/runc: Permission denied");
}

static void a_way_that_leads_to_vtpm_runtime_itself_is_broken(void **state)
{
	(void)state;
	make_program("vtpm-runtime");
	assert_int_equal(symlink("vtpm-runtime", "vtpm-runc"), 0);
	assert_way("runc", with_runc("vtpm-runtime"), WAY_BROKEN,
		   "is vtpm-runtime itself: name the real one in the configuration");
}

static void a_script_that_calls_vtpm_runtime_back_breaks_the_way(void **state)
{
	static const char back[] = "#!/bin/sh\nexec vtpm-crun \"$@\"\n",
			  injects[] = "#!/bin/sh\nvtpm-hook --bundle . inject; exec runc \"$@\"\n";

	(void)state;
	make_program("vtpm-runc");
	make_program("runc");
	scratch_write("runc", back, strlen(back));
	assert_way("runc", with_runc("runc"), WAY_BROKEN, "is a script that names vtpm-runtime");
	scratch_write("runc", injects, strlen(injects));
	assert_way("runc", with_runc("runc"), WAY_GOOD, "");
}

static void a_configuration_that_cannot_be_read_breaks_the_way(void **state)
{
	(void)state;
	make_program("vtpm-runc");
	assert_way("runc", "{", WAY_BROKEN, "conf: ");
}

static void a_runtime_that_the_host_does_not_have_is_no_fault(void **state)
{
	(void)state;
	make_program("vtpm-runc");
	assert_way("no-such-runtime", "", WAY_MISSING,
		   "there is no no-such-runtime where they are looked for");
}

static void what_is_not_installed_is_in_front_of_nothing(void **state)
{
	(void)state;
	assert_way("runc", with_runc("nowhere"), WAY_MISSING, "");
}

#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, scratch_set_up, scratch_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		FILE_TEST(a_way_is_good_where_the_real_runtime_is_behind_it),
		FILE_TEST(each_name_has_its_own_runtime),
		FILE_TEST(a_configured_runtime_that_cannot_be_called_breaks_the_way),
		FILE_TEST(a_way_that_leads_to_vtpm_runtime_itself_is_broken),
		FILE_TEST(a_script_that_calls_vtpm_runtime_back_breaks_the_way),
		FILE_TEST(a_configuration_that_cannot_be_read_breaks_the_way),
		FILE_TEST(a_runtime_that_the_host_does_not_have_is_no_fault),
		FILE_TEST(what_is_not_installed_is_in_front_of_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
