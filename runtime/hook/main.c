/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vtpm-hook: what container runtimes call when a container comes and goes.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/hook/caller.h"
#include "runtime/hook/commands.h"
#include "runtime/hook/settings.h"
#include "util/error.h"
#include "util/log.h"
#include "util/options.h"
#include "util/program.h"
#include "util/programs.h"

static const struct command {
	const char *name;
	hook_command *run;
	const char *second; /* NULL: the command is one word */
	int operands;       /* the most that the command takes */
	const char *help;   /* NULL: for internal use */
} commands[] = {
	{ "createRuntime", command_create, NULL, 0,
	  "give a container its vTPMs; its state is read" },
	{ "prestart", command_create, NULL, 0, "the same, for old runtimes" },
	{ "poststop", command_poststop, NULL, 0, "take a container's vTPMs away" },
	{ "inject", command_inject, NULL, 0, "enter vtpm-hook into --bundle's config.json" },
	{ "attach", command_attach, NULL, 1,
	  "give the running container CONTAINER one of --class" },
	{ "detach", command_detach, NULL, 1, "take it away again" },
	{ "restart", command_restart, NULL, 1, "start CONTAINER's vTPMs whose servers died" },
	{ "list", command_list, NULL, 0, "the vTPMs of containers" },
	{ "prune", command_prune, NULL, 0, "remove what containers that are gone left" },
	{ "class", command_class_list, "list", 0, "the classes that are offered" },
	{ "class", command_class_check, "check", 0, "what is wrong with them, and the ways in" },
	{ "state", command_state_list, "list", 0, "the states that are kept for containers" },
	{ "state", command_state_remove, "remove", 1, "give the state PATH up" },
	{ "cdi", command_cdi, NULL, 0, "write the classes' devices for engines" },
	{ "uninstall", command_uninstall, NULL, 0, "what goes before the programs do" },
	{ "allow", command_allow, NULL, 0, "allow containers their devices once more" },
	{ "watch", command_watch, NULL, 0, NULL },
};

static int print_help(void)
{
	(void)puts("usage: vtpm-hook [OPTION...] COMMAND\n"
		   "Gives the containers of an OCI runtime their vTPMs.\n\nCommands:");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		const char *second = commands[i].second;
		char word[32];

		(void)snprintf(word, sizeof(word), "%s%s%s", commands[i].name,
			       second != NULL ? " " : "", second != NULL ? second : "");
		if (commands[i].help != NULL)
			options_help_row(word, commands[i].help, stdout);
	}
	hook_settings_help(stdout);
	return 0;
}

static int words_of(const struct command *command)
{
	return command->second != NULL ? 2 : 1;
}

static bool is_named(const struct command *command, char **words, int count)
{
	const int own = words_of(command);

	return count >= own && count <= own + command->operands &&
	       strcmp(words[0], command->name) == 0 &&
	       (own == 1 || strcmp(words[1], command->second) == 0);
}

static const struct command *find(char **words, int count, struct error *err)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (is_named(&commands[i], words, count))
			return &commands[i];
	}
	if (count == 0)
		(void)error_say(err, EINVAL, "no command given; see --help");
	else
		(void)error_say(err, EINVAL, "there is no command '%s%s%s'; see --help", words[0],
				count > 1 ? " " : "", count > 1 ? words[1] : "");
	return NULL;
}

/* Runtimes show their users what a hook says on standard error. */
static void complain(const struct hook_settings *settings, const struct error *err)
{
	log_err("%s", err->text);
	if (settings->log_file != NULL)
		(void)fprintf(stderr, "vtpm-hook: %s\n", err->text);
}

static int run(const struct command *command, struct hook_settings *settings, char **words,
	       struct error *err)
{
	int r = settings->log_file != NULL ? log_to_file(settings->log_file, err) : 0;

	settings->operand = words[words_of(command)];
	if (r == 0)
		r = command->run(settings, err);
	return r == 0 ? program_flush_output(err) : r;
}

int vtpm_hook_main(int argc, char **argv)
{
	cleanup_settings struct hook_settings settings;
	const struct command *command = NULL;
	struct error err = { "" };
	int operands = 0, r;

	program_start();
	(void)umask(077);
	/*
	 * Programs that are started here must not inherit them; they stay open, as one may have a
	 * password.
	 */
	close_on_exec_from(STDERR_FILENO + 1);
	caller_borrow();
	log_init("vtpm-hook", LOG_LEVEL_INFO);
	r = hook_settings_parse(argc, argv, &settings, &operands, &err);
	if (r == 0 && settings.help)
		return print_help();
	if (r == 0 && settings.version)
		return program_print_version("vtpm-hook");
	if (r == 0)
		command = find(argv + operands, argc - operands, &err);
	if (command == NULL) {
		log_err("%s", err.text);
		return EXIT_STATUS_USAGE;
	}
	log_init("vtpm-hook", settings.verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARN);
	r = run(command, &settings, argv + operands, &err);
	if (r < 0)
		complain(&settings, &err);
	return r < 0 ? EXIT_STATUS_FAILURE : 0;
}
