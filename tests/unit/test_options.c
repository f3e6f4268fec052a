/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/types.h>

#include "util/error.h"
#include "util/options.h"

struct config {
	const char *name;
	const char *twin;
	uint32_t major;
	mode_t mode;
	bool quiet;
};

static const struct option_spec specs[] = {
	{ "name", 'n', "NAME", "the name", option_string, offsetof(struct config, name) },
	{ "twin", 0, "[=NAME]", "the twin", option_string, offsetof(struct config, twin) },
	OPTION_GROUP("Numbers"),
	{ "major", 0, "N", "the number", option_u32, offsetof(struct config, major) },
	{ "mode", 0, "MODE", "the mode", option_mode, offsetof(struct config, mode) },
	{ "quiet", 'q', NULL,
	  "say nothing of all that a program that is used at a terminal says, and nothing else",
	  option_flag, offsetof(struct config, quiet) },
	{ 0 },
};

static int parse(const char *line, struct config *config, int *operands, struct error *err)
{
	static char program[] = "program", words[256];
	char *argv[16] = { program };
	char *rest = words;
	int argc = 1;

	*config = (struct config){ 0 };
	(void)strcpy(words, line);
	while (argc < 15 && (argv[argc] = strtok_r(rest, " ", &rest)) != NULL)
		argc++;
	return options_parse(specs, argc, argv, config, operands, err);
}

static void each_form_is_read(void **state)
{
	struct config config;
	struct error err;
	int operands;

	(void)state;
	assert_int_equal(
		parse("-n a --twin=b --major 7 op --mode=640 -q", &config, &operands, &err), 0);
	assert_string_equal(config.name, "a");
	assert_string_equal(config.twin, "b");
	assert_int_equal(config.major, 7);
	assert_int_equal(config.mode, 0640);
	assert_true(config.quiet);
	assert_int_equal(operands, 8);
	assert_int_equal(parse("--twin", &config, &operands, &err), 0);
	assert_string_equal(config.twin, "");
}

static void refused(const char *line, const char *text)
{
	struct config config;
	struct error err;
	int operands;

	assert_int_equal(parse(line, &config, &operands, &err), -EINVAL);
	assert_string_equal(err.text, text);
}

static void each_mistake_has_its_sentence(void **state)
{
	(void)state;
	refused("--major=1x", "--major: '1x' is not a number from 0 to 4294967294");
	refused("--major=-1", "--major: '-1' is not a number from 0 to 4294967294");
	refused("--major=4294967295", "--major: '4294967295' is not a number from 0 to 4294967294");
	refused("--mode=0999", "--mode: '0999' is not an octal mode from 0 to 0777");
	refused("--mode=1777", "--mode: '1777' is not an octal mode from 0 to 0777");
	refused("--wrong", "--wrong: no such option, or not a unique one; see --help");
	refused("-x", "-x: no such option, or not a unique one; see --help");
	refused("--quiet=1", "--quiet=1: this option takes no argument");
	refused("--=1", "--=1: no such option, or not a unique one; see --help");
	refused("--name", "--name needs an argument");
	refused("-n", "-n needs an argument");
}

static void help_has_a_line_for_each_option(void **state)
{
	char text[1024] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	(void)state;
	options_help(specs, out);
	(void)fclose(out);
	assert_non_null(strstr(text, "  -n, --name=NAME                  the name\n"));
	assert_non_null(strstr(text, "      --twin[=NAME]                the twin\n"));
	assert_non_null(strstr(text, "\n\nNumbers:\n      --major=N   "));
	/* 80 columns, and no word is cut. */
	assert_non_null(strstr(
		text,
		"  -q, --quiet                      say nothing of all that a program that is\n"
		"                                   used at a terminal says, and nothing else\n"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_form_is_read),
		cmocka_unit_test(each_mistake_has_its_sentence),
		cmocka_unit_test(help_has_a_line_for_each_option),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
