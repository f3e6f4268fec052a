/* SPDX-License-Identifier: BSD-3-Clause */
/* vtpm-verify: runs where the verifier is; its command "answer" runs where the TPM is. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "util/error.h"
#include "util/log.h"
#include "util/program.h"
#include "verify/program/program.h"

static const struct verify_command *const commands[] = {
	&verify_challenge,
	&verify_answer,
	&verify_quote,
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void print_help(void)
{
	(void)puts(
		"usage: vtpm-verify COMMAND [OPTION...]\n"
		"Finds out whether a TPM is a real one, and what was measured in it.\n\nCommands:");
	for (size_t i = 0; i < COMMANDS; i++)
		options_help_row(commands[i]->name, commands[i]->about, stdout);
	(void)puts("\nvtpm-verify COMMAND --help lists the command's options. See vtpm-verify(1).");
}

static void print_command_help(const struct verify_command *command)
{
	(void)printf("usage: vtpm-verify %s [OPTION...]\n%s\n\n", command->name, command->about);
	options_help(command->specs, stdout);
	(void)puts("\nSee vtpm-verify(1).");
}

static const struct verify_command *find(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	}
	return NULL;
}

static int parse_and_run(const struct verify_command *command, int argc, char **argv,
			 struct error *err)
{
	cleanup_free struct verify_options *config = calloc(1, command->size);
	int first, r;

	if (config == NULL)
		return error_set(err, ENOMEM, "read the command line");
	r = options_parse(command->specs, argc, argv, config, &first, err);
	if (r < 0)
		return r;
	if (config->help) {
		print_command_help(command);
		return 0;
	}
	if (first < argc)
		return error_say(err, EINVAL, "%s: no operands are wanted", argv[first]);
	return command->run(config, err);
}

static int run(const struct verify_command *command, int argc, char **argv)
{
	struct error err = { "" };
	int r = parse_and_run(command, argc, argv, &err);
	int flushed = r >= 0 ? program_flush_output(&err) : 0;

	if (flushed < 0)
		r = flushed;
	if (r < 0)
		log_err("%s: %s", command->name, err.text);
	if (r == -EINVAL)
		return EXIT_STATUS_USAGE;
	return r < 0 ? EXIT_STATUS_FAILURE : r;
}

int main(int argc, char **argv)
{
	const struct verify_command *command;

	program_start();
	log_init("vtpm-verify", LOG_LEVEL_INFO);
	if (argc < 2) {
		log_err("no command given; see --help");
		return EXIT_STATUS_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_help();
		return 0;
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)
		return program_print_version("vtpm-verify");
	command = find(argv[1]);
	if (command == NULL) {
		log_err("%s: no such command; see --help", argv[1]);
		return EXIT_STATUS_USAGE;
	}
	return run(command, argc - 1, argv + 1);
}
