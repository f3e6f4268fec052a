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

static const struct setup_command commands[] = {
	{ "manufacture", "make a new TPM with keys and certificates", setup_manufacture },
	{ "ca", "make, show or export this host's CA", setup_ca },
	{ "show", "what there is in a state directory", setup_show },
	{ "verify", "read all of a state and have libtpms check it", setup_verify },
	{ "rekey", "put a state under another key", setup_rekey },
	{ "chown", "give a state to another user", setup_chown },
	{ "backup", "write a state to one file", setup_backup },
	{ "restore", "make a state of such a file", setup_restore },
	{ "import-swtpm", "make a state of swtpm's", setup_import_swtpm },
	{ "export-swtpm", "make a state for swtpm", setup_export_swtpm },
};

static void print_help(FILE *out)
{
	(void)fputs("Usage: vtpm-setup COMMAND [OPTION...]\n"
		    "Works on the state directory of a TPM that is not running.\n\n",
		    out);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		(void)fprintf(out, "  %-14s %s\n", commands[i].name, commands[i].help);
	(void)fputs("\nvtpm-setup COMMAND --help lists the command's options.\n", out);
}

static const struct setup_command *find(const char *name)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	}
	return NULL;
}

/* Keys are in our memory: no core dump, no debugger of the same user. */
static void protect_memory(void)
{
	static const struct rlimit none;

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0);
}

static int flush_output(struct error *err)
{
	if (fflush(stdout) != 0 || ferror(stdout) != 0)
		return error_set(err, errno, "write to standard output");
	return 0;
}

static int run(const struct setup_command *command, int argc, char **argv)
{
	struct error err = { "" };
	int r;

	(void)umask(077);
	protect_memory();
	r = command->run(argc, argv, &err);
	if (r >= 0 && flush_output(&err) < 0)
		r = -EIO;
	if (r < 0)
		log_err("%s: %s", command->name, err.text);
	if (r > 0) /* --help was answered */
		return 0;
	return r == -EINVAL ? EXIT_STATUS_USAGE : exit_status(r);
}

int main(int argc, char **argv)
{
	const struct setup_command *command;

	program_start();
	log_init("vtpm-setup", LOG_LEVEL_INFO);
	if (argc < 2) {
		print_help(stderr);
		return EXIT_STATUS_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_help(stdout);
		return 0;
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		(void)puts(PACKAGE_STRING);
		return 0;
	}
	command = find(argv[1]);
	if (command == NULL) {
		log_err("%s: no such command; see --help", argv[1]);
		return EXIT_STATUS_USAGE;
	}
	return run(command, argc - 1, argv + 1);
}
