/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vtpm-runtime: an OCI runtime in front of the real one, to which it passes the command line. It
 * becomes the real runtime by exec(), which inherits descriptors, environment, directory, umask and
 * signals: nothing here may change them.
 */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/config/admin.h"
#include "runtime/front/again.h"
#include "runtime/front/arguments.h"
#include "runtime/front/complain.h"
#include "runtime/front/front.h"
#include "runtime/host/real_runtime.h"
#include "util/error.h"
#include "util/log.h"
#include "util/options.h"
#include "util/program.h"
#include "util/programs.h"

#define CONFIG SYSCONFDIR "/vtpm-cuse/vtpm-cuse.conf"
#define CLASS_DIR SYSCONFDIR "/vtpm-cuse/classes.d"
#define RUN_DIR RUNSTATEDIR "/vtpm-cuse"
#define SELF "/proc/self/exe"

static const char *given_or(const char *given, const char *otherwise)
{
	return given != NULL ? given : otherwise;
}

static int print_help(void)
{
	static const char *const rows[][2] = {
		{ "--vtpm-class=CLASS[:DEVICE]", "containers get a vTPM of this class" },
		{ "--vtpm-runtime=FILE", "the real runtime" },
		{ "--vtpm-config=FILE", "the configuration (default: " CONFIG ")" },
		{ "--vtpm-class-dir=DIR", "the classes (default: " CLASS_DIR ")" },
		{ "--vtpm-run-dir=DIR", "leases and logs (default: " RUN_DIR ")" },
		{ "--vtpm-help", "print this and exit" },
		{ "--vtpm-version", "print the version and exit" },
	};

	(void)puts("usage: vtpm-runtime [OPTION...] WORD...\n"
		   "Calls the real runtime with its own words, and gives containers their vTPMs.\n"
		   "As vtpm-runc and vtpm-crun it knows which one.\n");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		options_help_row(rows[i][0], rows[i][1], stdout);
	(void)puts("\nSee vtpm-runtime(8).");
	return 0;
}

/* Commands that must work on existing containers even if our configuration is broken. */
static bool is_passed_on(const char *command)
{
	static const char *const acted_on[] = { "create", "run", "restore", "update" };

	for (size_t i = 0; command != NULL && i < sizeof(acted_on) / sizeof(acted_on[0]); i++) {
		if (strcmp(command, acted_on[i]) == 0)
			return false;
	}
	return true;
}

static int read_config(struct front *front, struct error *err)
{
	int r = admin_config_read(front->config, &front->admin, err);

	if (r < 0 && is_passed_on(front->arguments.command))
		return admin_config_parse("", 0, &front->admin, err);
	return r;
}

static int find_target(struct front *front, struct error *err)
{
	const char *configured = front->own.runtime;

	if (configured == NULL)
		configured = front->kind == RUNTIME_CRUN ? front->admin.crun : front->admin.runc;
	return real_runtime_find(runtime_kind_name(front->kind), configured, SELF, front->target,
				 err);
}

static int prepare(struct front *front, struct error *err)
{
	const char *command = front->arguments.command;
	int r;

	r = read_config(front, err);
	if (r == 0)
		r = find_target(front, err);
	if (r == 0)
		r = again_check(front->target, err);
	if (r < 0 || is_passed_on(command))
		return r;
	if (strcmp(command, "restore") == 0)
		return front_restore(front, err);
	if (strcmp(command, "update") == 0)
		return front_update(front, err);
	return front_create(front, err);
}

/*
 * Becomes the real runtime, with the words that are not ours. The first one stays the runtime's
 * name, by which the hook recognizes it.
 */
static int call(struct front *front, char **argv, struct error *err)
{
	char **words = argv + front->own.count;

	again_mark();
	words[0] = front->target;
	(void)execv(front->target, words);
	return error_set(err, errno, "call %s", front->target);
}

int vtpm_runtime_main(int argc, char **argv)
{
	struct front front = { .argv = argv };
	struct error err = { "" };
	const char *const *words = (const char *const *)argv;
	int r;

	if (argc < 1)
		return 1;
	log_init("vtpm-runtime", LOG_LEVEL_WARN);
	r = own_options_read(words, &front.own, &err);
	front.kind = runtime_kind_of(front.own.runtime != NULL ? front.own.runtime : argv[0]);
	runtime_arguments_read(front.kind, words, front.own.count + 1, &front.arguments);
	front.config = given_or(front.own.config, CONFIG);
	front.class_dir = given_or(front.own.class_dir, CLASS_DIR);
	front.run_dir = given_or(front.own.run_dir, RUN_DIR);
	if (r == 0 && front.own.help)
		return print_help();
	if (r == 0 && front.own.version)
		return program_print_version("vtpm-runtime");
	if (r == 0)
		r = prepare(&front, &err);
	if (r == 0)
		r = call(&front, argv, &err);
	complain(&front.arguments, err.text);
	return 1;
}
