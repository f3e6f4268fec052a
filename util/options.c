/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <string.h>
#include <sys/types.h>

#include "util/bytes.h"
#include "util/error.h"

/* More than any program here has; a longer table is a programmer's error. */
#define OPTIONS_MAX 64

int option_flag(const struct option_spec *spec, const char *value, void *field, struct error *err)
{
	(void)spec, (void)value, (void)err;
	*(bool *)field = true;
	return 0;
}

int option_string(const struct option_spec *spec, const char *value, void *field, struct error *err)
{
	(void)spec, (void)err;
	*(const char **)field = value != NULL ? value : "";
	return 0;
}

int option_u32(const struct option_spec *spec, const char *value, void *field, struct error *err)
{
	unsigned long number;

	if (number_parse(value, 10, OPTION_U32_NONE - 1, &number) < 0)
		return error_say(err, EINVAL, "--%s: '%s' is not a number from 0 to %u", spec->name,
				 value, OPTION_U32_NONE - 1);
	*(uint32_t *)field = (uint32_t)number;
	return 0;
}

int option_mode(const struct option_spec *spec, const char *value, void *field, struct error *err)
{
	unsigned long number;

	if (number_parse(value, 8, 0777, &number) < 0)
		return error_say(err, EINVAL, "--%s: '%s' is not an octal mode from 0 to 0777",
				 spec->name, value);
	*(mode_t *)field = (mode_t)number;
	return 0;
}

static bool is_group(const struct option_spec *spec)
{
	return spec->store == NULL;
}

static bool argument_is_optional(const struct option_spec *spec)
{
	return spec->argument != NULL && spec->argument[0] == '[';
}

static int has_arg(const struct option_spec *spec)
{
	if (spec->argument == NULL)
		return no_argument;
	return argument_is_optional(spec) ? optional_argument : required_argument;
}

/* getopt_long()'s own tables; val of a long option is its index plus one more than any letter. */
static void make_tables(const struct option_spec *specs, char *letters, struct option *longs)
{
	*letters++ = ':'; /* a missing argument is told apart from an unknown option */
	for (size_t i = 0; specs[i].name != NULL; i++) {
		if (is_group(&specs[i]))
			continue;
		*longs++ = (struct option){ .name = specs[i].name,
					    .has_arg = has_arg(&specs[i]),
					    .val = UCHAR_MAX + 1 + (int)i };
		if (specs[i].letter == 0)
			continue;
		*letters++ = specs[i].letter;
		for (int colons = has_arg(&specs[i]); colons > 0; colons--)
			*letters++ = ':';
	}
	*letters = '\0';
}

static const struct option_spec *find_spec(const struct option_spec *specs, int code)
{
	if (code > UCHAR_MAX)
		return &specs[code - UCHAR_MAX - 1];
	for (; specs->name != NULL; specs++) {
		if (specs->letter == code)
			return specs;
	}
	return NULL;
}

/* What getopt_long() could not use: a whole long option, or one letter of a bundle. */
static int refuse(int code, char **argv, struct error *err)
{
	const char *word = argv[optind - 1];
	char letter[3] = { '-', (char)optopt, '\0' };

	if (optopt > 0 && optopt <= UCHAR_MAX)
		word = letter;
	if (code == ':')
		return error_say(err, EINVAL, "%s needs an argument", word);
	if (optopt > UCHAR_MAX)
		return error_say(err, EINVAL, "%s: this option takes no argument", word);
	return error_say(err, EINVAL, "%s: no such option, or not a unique one; see --help", word);
}

int options_parse(const struct option_spec *specs, int argc, char **argv, void *config,
		  int *operands, struct error *err)
{
	struct option longs[OPTIONS_MAX + 1] = { 0 };
	char letters[3 * OPTIONS_MAX + 2];
	int code;

	make_tables(specs, letters, longs);
	optind = 0; /* starts getopt_long() afresh */
	opterr = 0;
	while ((code = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		const struct option_spec *spec;
		int r;

		if (code == '?' || code == ':')
			return refuse(code, argv, err);
		spec = find_spec(specs, code);
		r = spec->store(spec, optarg, (char *)config + spec->offset, err);
		if (r < 0)
			return r;
	}
	*operands = optind;
	return 0;
}

#define HELP_COLUMN 35
#define HELP_END 80

void options_help_row(const char *word, const char *help, FILE *out)
{
	int at = fprintf(out, "  %-*s", HELP_COLUMN - 3, word);

	while (*help != '\0') {
		const int length = (int)strcspn(help, " ");

		if (at + 1 + length > HELP_END)
			at = fprintf(out, "\n%*s", HELP_COLUMN - 1, "") - 1;
		at += fprintf(out, " %.*s", length, help);
		help += length;
		help += strspn(help, " ");
	}
	(void)fputc('\n', out);
}

void options_help(const struct option_spec *specs, FILE *out)
{
	for (; specs->name != NULL; specs++) {
		char left[64];
		const char *equals = "";

		if (is_group(specs)) {
			(void)fprintf(out, "\n%s:\n", specs->help);
			continue;
		}
		if (specs->argument != NULL && !argument_is_optional(specs))
			equals = "=";
		(void)snprintf(left, sizeof(left), "%c%c%s--%s%s%s", specs->letter ? '-' : ' ',
			       specs->letter ? specs->letter : ' ', specs->letter ? ", " : "  ",
			       specs->name, equals, specs->argument != NULL ? specs->argument : "");
		options_help_row(left, specs->help, out);
	}
}
