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
#include "util/program.h"
#include "util/programs.h"

static const struct command {
	const char *name;
	hook_command *run;
	const char *second; /* NULL: the command is one word */
	int operands;       /* it takes at most */
} commands[] = {
	{ "createRuntime", command_create, NULL, 0 },
	{ "prestart", command_create, NULL, 0 },
	{ "poststop", command_poststop, NULL, 0 },
	{ "attach", command_attach, NULL, 1 },
	{ "detach", command_detach, NULL, 1 },
	{ "prune", command_prune, NULL, 0 },
	{ "list", command_list, NULL, 0 },
	{ "restart", command_restart, NULL, 1 },
	{ "inject", command_inject, NULL, 0 },
	{ "class", command_class_list, "list", 0 },
	{ "class", command_class_check, "check", 0 },
	{ "state", command_state_list, "list", 0 },
	{ "state", command_state_remove, "remove", 1 },
	{ "cdi", command_cdi, NULL, 0 },
	{ "uninstall", command_uninstall, NULL, 0 },
	{ "watch", command_watch, NULL, 0 },
	{ "allow", command_allow, NULL, 0 },
};

static int print_help(void)
{
	(void)printf("usage: vtpm-hook [options] createRuntime|prestart|poststop <STATE\n"
		     "       vtpm-hook [options] --class CLASS[:DEVICE] attach|detach CONTAINER\n"
		     "       vtpm-hook [options] prune|allow|list\n"
		     "       vtpm-hook [options] restart CONTAINER\n"
		     "       vtpm-hook [options] --bundle DIR inject\n"
		     "       vtpm-hook [options] class list|check\n"
		     "       vtpm-hook [options] state list|remove PATH\n"
		     "       vtpm-hook [options] cdi\n"
		     "       vtpm-hook [options] uninstall\n\n");
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

static int run(struct hook_settings *settings, char **words, int count, struct error *err)
{
	if (count == 0)
		return error_say(err, EINVAL, "a command is needed; see --help");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (!is_named(&commands[i], words, count))
			continue;
		settings->operand = words[words_of(&commands[i])];
		return commands[i].run(settings, err);
	}
	return error_say(err, EINVAL, "there is no command '%s%s%s'; see --help", words[0],
			 count > 1 ? " " : "", count > 1 ? words[1] : "");
}

/* Runtimes show their users what a hook says on standard error. */
static void complain(const struct hook_settings *settings, const struct error *err)
{
	log_err("%s", err->text);
	if (settings->log_file != NULL)
		(void)fprintf(stderr, "vtpm-hook: %s\n", err->text);
}

int vtpm_hook_main(int argc, char **argv)
{
	cleanup_settings struct hook_settings settings;
	struct error err = { "" };
	int operands = 0, r;

	program_start();
	(void)umask(077);
	/* Not for programs that are started from here; not closed: a password may be in one. */
	close_on_exec_from(STDERR_FILENO + 1);
	caller_borrow();
	log_init("vtpm-hook", LOG_LEVEL_INFO);
	r = hook_settings_parse(argc, argv, &settings, &operands, &err);
	if (r == 0 && settings.help)
		return print_help();
	if (r == 0 && settings.version)
		return printf("vtpm-hook %s\n", PACKAGE_VERSION) < 0;
	if (r == 0)
		log_init("vtpm-hook", settings.verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARN);
	if (r == 0 && settings.log_file != NULL)
		r = log_to_file(settings.log_file, &err);
	if (r == 0)
		r = run(&settings, argv + operands, argc - operands, &err);
	if (r == 0)
		r = program_flush_output(&err);
	if (r < 0)
		complain(&settings, &err);
	return r < 0;
}
