/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vtpm: the programs of an appliance in one, with one copy of the libraries. It is the program that
 * it is called as, by a link's name or by its first word.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "util/error.h"
#include "util/log.h"
#include "util/program.h"
#include "util/programs.h"

#define PREFIX "vtpm-"

struct program {
	const char *name;
	int (*run)(int argc, char **argv);
};

static const struct program programs[] = {
	{ PREFIX "crun", vtpm_runtime_main }, { PREFIX "ctl", vtpm_ctl_main },
	{ PREFIX "cuse", vtpm_cuse_main },    { PREFIX "hook", vtpm_hook_main },
	{ PREFIX "runc", vtpm_runtime_main }, { PREFIX "runtime", vtpm_runtime_main },
	{ PREFIX "setup", vtpm_setup_main },
};
#define PROGRAMS (sizeof(programs) / sizeof(programs[0]))

static const struct program *find(const char *name)
{
	for (size_t i = 0; i < PROGRAMS; i++) {
		if (strcmp(programs[i].name, name) == 0)
			return &programs[i];
	}
	return NULL;
}

/* By the name of a link. */
static const struct program *called(const char *path)
{
	const char *slash = strrchr(path, '/');

	return find(slash != NULL ? slash + 1 : path);
}

/* By a first word, which may leave the prefix out. */
static const struct program *asked_for(const char *word)
{
	const struct program *program = find(word);

	for (size_t i = 0; program == NULL && i < PROGRAMS; i++) {
		if (strcmp(programs[i].name + strlen(PREFIX), word) == 0)
			program = &programs[i];
	}
	return program;
}

static void print_names(const char *before)
{
	for (size_t i = 0; i < PROGRAMS; i++)
		(void)printf("%s%s\n", before, programs[i].name);
}

static void print_help(void)
{
	(void)puts("Usage: vtpm PROGRAM [WORD...], or by a link of a program's name\n\nPrograms:");
	print_names("  ");
	(void)puts("\n  --list     print their names\n"
		   "  --version  print the versions of vtpm-cuse and of the libraries in it");
}

static int run_own(const char *word)
{
	struct error err = { "" };

	program_start();
	log_init("vtpm", LOG_LEVEL_INFO);
	if (word == NULL || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
		print_help();
	else if (strcmp(word, "--list") == 0)
		print_names("");
	else if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0)
		(void)puts(PACKAGE_STRING "\n" LIBRARIES);
	else {
		log_err("%s: no such program; see --help", word);
		return EXIT_STATUS_USAGE;
	}
	if (program_flush_output(&err) < 0) {
		log_err("%s", err.text);
		return EXIT_STATUS_FAILURE;
	}
	return word == NULL ? EXIT_STATUS_USAGE : 0;
}

int main(int argc, char **argv)
{
	const struct program *program = argc > 0 ? called(argv[0]) : NULL;

	if (program != NULL)
		return program->run(argc, argv);
	program = argc > 1 ? asked_for(argv[1]) : NULL;
	if (program != NULL)
		return program->run(argc - 1, argv + 1);
	return run_own(argc > 1 ? argv[1] : NULL);
}
