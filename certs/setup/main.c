/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vtpm-setup: works on a state directory while no server has it.
 */
#include "certs/setup/setup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/error.h"
#include "util/log.h"
#include "util/program.h"
#include "util/programs.h"

static const struct setup_command *const commands[] = {
	&setup_manufacture, &setup_ca,     &setup_show,    &setup_verify,       &setup_rekey,
	&setup_chown,       &setup_backup, &setup_restore, &setup_import_swtpm, &setup_export_swtpm,
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void print_help(void)
{
	(void)puts("usage: vtpm-setup COMMAND [OPTION...]\n"
		   "Works on the state directory of a TPM that is not running.\n\nCommands:");
	for (size_t i = 0; i < COMMANDS; i++)
		options_help_row(commands[i]->name, commands[i]->about, stdout);
	(void)puts("\nvtpm-setup COMMAND --help lists the command's options. See vtpm-setup(8).");
}

static void print_command_help(const struct setup_command *command)
{
	const char *operands = command->operands, *details = command->details;

	(void)printf("usage: vtpm-setup %s %s [OPTION...]\n%s\n%s\n", command->name,
		     operands != NULL ? operands : "--state DIR", command->about,
		     details != NULL ? details : "");
	options_help(command->specs, stdout);
	if (operands == NULL)
		(void)puts("\nSPEC is file=PATH, fd=N or credential=NAME.");
	(void)puts("See vtpm-setup(8).");
}

static const struct setup_command *find(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	}
	return NULL;
}

static int check_operands(const struct setup_command *command, const struct setup_state *state,
			  int count, struct error *err)
{
	if (command->operands != NULL && count != command->operand_count)
		return error_say(err, EINVAL, "%s; see --help", command->missing);
	if (command->operands == NULL && count > 0)
		return error_say(err, EINVAL, "%s: no operands are wanted", state->operands[0]);
	if (command->operands == NULL && state->dir == NULL)
		return error_say(err, EINVAL, "--state is missing");
	return 0;
}

static int parse_and_run(const struct setup_command *command, int argc, char **argv,
			 struct error *err)
{
	cleanup_free struct setup_state *config = calloc(1, command->size);
	int first, r;

	if (config == NULL)
		return error_set(err, ENOMEM, "read the command line");
	r = options_parse(command->specs, argc, argv, config, &first, err);
	if (r == 0 && config->help) {
		print_command_help(command);
		return 0;
	}
	if (r < 0)
		return r;
	config->operands = argv + first;
	r = check_operands(command, config, argc - first, err);
	return r == 0 ? command->run(config, err) : r;
}

/* Keys are in our memory: no core dump, no debugger of the same user. */
static void protect_memory(void)
{
	static const struct rlimit none;

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0);
}

static int run(const struct setup_command *command, int argc, char **argv)
{
	struct error err = { "" };
	int r;

	(void)umask(077);
	protect_memory();
	r = parse_and_run(command, argc, argv, &err);
	if (r == 0)
		r = program_flush_output(&err);
	if (r < 0)
		log_err("%s: %s", command->name, err.text);
	return r == -EINVAL ? EXIT_STATUS_USAGE : exit_status(r);
}

int vtpm_setup_main(int argc, char **argv)
{
	const struct setup_command *command;

	program_start();
	log_init("vtpm-setup", LOG_LEVEL_INFO);
	if (argc < 2) {
		log_err("no command given; see --help");
		return EXIT_STATUS_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_help();
		return 0;
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)
		return program_print_version("vtpm-setup");
	command = find(argv[1]);
	if (command == NULL) {
		log_err("%s: no such command; see --help", argv[1]);
		return EXIT_STATUS_USAGE;
	}
	return run(command, argc - 1, argv + 1);
}
