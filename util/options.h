/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The command line, described by one table that the parser and --help share.
 */
#ifndef VTPM_UTIL_OPTIONS_H
#define VTPM_UTIL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct error;
struct option_spec;

/* Stores the option's value (NULL for a flag) at FIELD; -EINVAL and a sentence when it is none. */
typedef int option_store(const struct option_spec *spec, const char *value, void *field,
			 struct error *err);

struct option_spec {
	const char *name;
	char letter;          /* 0: long form only */
	const char *argument; /* NULL: a flag; "[X]": the argument may be left out */
	const char *help;
	option_store *store;
	size_t offset; /* of the field in the program's configuration */
};

/* Rows whose field is FIELD of the configuration TYPE; for lists of rows that are macros. */
#define OPTION_STRING(name, letter, argument, help, type, field)                   \
	{                                                                          \
		name, letter, argument, help, option_string, offsetof(type, field) \
	}
#define OPTION_FLAG(name, letter, help, type, field)                         \
	{                                                                    \
		name, letter, NULL, help, option_flag, offsetof(type, field) \
	}

/* Not an option but a line of --help: the heading of those that follow. */
#define OPTION_GROUP(heading)                 \
	{                                     \
		"", 0, NULL, heading, NULL, 0 \
	}

/* What a program may have a number be that was not given: 0 can be. */
#define OPTION_U32_NONE UINT32_MAX

option_store option_flag;   /* bool */
option_store option_string; /* const char *, borrowed from argv; "" when left out */
option_store option_u32;    /* uint32_t, decimal, less than OPTION_U32_NONE */
option_store option_mode;   /* mode_t, octal, at most 0777 */

/*
 * Reads ARGV into CONFIG by SPECS, which ends with a NULL name. Options may follow operands; "--"
 * ends them. *OPERANDS gets the index of the first operand: operands are moved to the end.
 */
int options_parse(const struct option_spec *specs, int argc, char **argv, void *config,
		  int *operands, struct error *err);

/* Prints WORD and what it is for, as a row of --help: HELP in a column of its own, 80 in all. */
void options_help_row(const char *word, const char *help, FILE *out);

/* Prints the table, a row for each option, and a heading in front of each group. */
void options_help(const struct option_spec *specs, FILE *out);

#endif
