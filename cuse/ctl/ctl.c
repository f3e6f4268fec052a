/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vtpm-ctl: talks to running servers over their control sockets.
 */
#include <errno.h>
#include <string.h>

#include "cuse/ctl/ctl.h"
#include "util/error.h"
#include "util/log.h"
#include "util/options.h"
#include "util/program.h"
#include "util/programs.h"

static const struct option_spec specs[] = {
	{ "out", 'o', "FILE", "save: write to FILE, which must not exist", option_string,
	  offsetof(struct ctl_options, out) },
	{ "stop", 0, NULL, "save: then end the vTPM, so that FILE stays good", option_flag,
	  offsetof(struct ctl_options, stop) },
	{ "as", 0, "NAME", "cdi: the device's name in containers (default: as here)", option_string,
	  offsetof(struct ctl_options, as) },
	{ "remove", 0, NULL, "cdi: remove the file", option_flag,
	  offsetof(struct ctl_options, remove) },
	{ "output", 0, "FILE", "metrics: write to FILE", option_string,
	  offsetof(struct ctl_options, output) },
	{ "listen", 0, "PATH", "metrics: answer by HTTP at the UNIX socket PATH", option_string,
	  offsetof(struct ctl_options, listen) },
	{ "pcap", 0, "FILE", "trace: write a capture for Wireshark to FILE", option_string,
	  offsetof(struct ctl_options, pcap) },
	{ "secrets", 0, NULL, "trace: leave out nothing", option_flag,
	  offsetof(struct ctl_options, secrets) },
	{ "once", 0, NULL, "top: print one table and exit", option_flag,
	  offsetof(struct ctl_options, once) },
	{ "interval", 0, "SECONDS", "top: between two looks (default 1)", option_u32,
	  offsetof(struct ctl_options, interval) },
	{ "json", 'j', NULL, "print JSON", option_flag, offsetof(struct ctl_options, json) },
	{ "help", 'h', NULL, "print this and exit", option_flag,
	  offsetof(struct ctl_options, help) },
	{ "version", 'V', NULL, "print the version and exit", option_flag,
	  offsetof(struct ctl_options, version) },
	{ 0 },
};

static const struct {
	const char *name;
	bool wants_name;
	int (*run)(const struct ctl_options *config, const char *name, struct error *err);
	const char *help;
} commands[] = {
	{ "cancel", true, ctl_cancel, "cancel the command that runs" },
	{ "cdi", true, ctl_cdi, "offer a vTPM to container engines, as a device of CDI" },
	{ "eventlog", true, ctl_event_log, "what was measured before it could be used" },
	{ "freeze", true, ctl_freeze, "begin no command until the thaw; returns when none runs" },
	{ "list", false, ctl_list, "the vTPMs that run on this host" },
	{ "metrics", false, ctl_metrics, "what all vTPMs have done, for Prometheus" },
	{ "recover", true, ctl_recover, "try at once whether the state can be saved again" },
	{ "save", true, ctl_save, "write what a reset would lose, for vtpm-cuse --resume" },
	{ "status", true, ctl_status, "what a vTPM is and has done" },
	{ "stop", true, ctl_stop, "end a vTPM; returns when it is gone" },
	{ "thaw", true, ctl_thaw, "begin commands again" },
	{ "top", false, ctl_top, "what all vTPMs do now; q ends it" },
	{ "trace", true, ctl_trace, "commands and responses, as they come" },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void help(void)
{
	(void)puts("usage: vtpm-ctl COMMAND [NAME] [OPTION...]\n\nCommands:");
	for (size_t i = 0; i < COMMANDS; i++) {
		char word[32];

		(void)snprintf(word, sizeof(word), "%s%s", commands[i].name,
			       commands[i].wants_name ? " NAME" : "");
		options_help_row(word, commands[i].help, stdout);
	}
	(void)puts("\nOptions:");
	options_help(specs, stdout);
	(void)puts("\nSee vtpm-ctl(8).");
}

static int usage(const char *what, const char *word)
{
	log_err("%s%s; see --help", what, word);
	return EXIT_STATUS_USAGE;
}

/* Accepts the path of a device in place of its name. */
static const char *name_of(const char *word)
{
	return strncmp(word, "/dev/", 5) == 0 ? word + 5 : word;
}

static int run(const struct ctl_options *config, int argc, char **argv)
{
	struct error err = { "" };
	size_t i = 0;
	int r;

	if (argc < 1)
		return usage("no command given", "");
	while (i < COMMANDS && strcmp(commands[i].name, argv[0]) != 0)
		i++;
	if (i == COMMANDS)
		return usage("no such command: ", argv[0]);
	if (argc != 1 + commands[i].wants_name)
		return usage(commands[i].wants_name ? "one NAME is needed for " : "no NAME for ",
			     argv[0]);

	r = commands[i].run(config, commands[i].wants_name ? name_of(argv[1]) : NULL, &err);
	if (r == 0)
		r = program_flush_output(&err);
	if (r < 0)
		log_err("%s", err.text);
	return exit_status(r);
}

int vtpm_ctl_main(int argc, char **argv)
{
	struct ctl_options config = { 0 };
	struct error err = { "" };
	int operands;

	program_start();
	log_init("vtpm-ctl", LOG_LEVEL_INFO);
	if (options_parse(specs, argc, argv, &config, &operands, &err) < 0) {
		log_err("%s", err.text);
		return EXIT_STATUS_USAGE;
	}
	if (config.help) {
		help();
		return 0;
	}
	if (config.version)
		return program_print_version("vtpm-ctl");
	return run(&config, argc - operands, argv + operands);
}
