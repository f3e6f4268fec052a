/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/hook/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/life/hook.h"
#include "util/cleanup.h"
#include "util/dir.h"
#include "util/error.h"
#include "util/options.h"
#include "util/path.h"

#define FIELD(name) offsetof(struct hook_settings, name)

static int option_class(const struct option_spec *spec, const char *value, void *field,
			struct error *err)
{
	int r = class_requests_add(field, value, false, err);

	return r < 0 ? error_prefix(err, r, "--%s", spec->name) : 0;
}

static const struct option_spec option_specs[] = {
	OPTION_GROUP("The container"),
	{ "root", 0, "DIR", "the runtime's root directory (default: the caller's)", option_string,
	  FIELD(root) },
	{ "bundle", 'b', "DIR", "inject: the bundle whose config.json is changed", option_string,
	  FIELD(bundle) },
	{ "config", 0, "FILE",
	  "the configuration (default: " SYSCONFDIR "/vtpm-cuse/vtpm-cuse.conf)", option_string,
	  FIELD(conf) },
	{ "class", 0, "CLASS[:DEVICE]", "a vTPM of this class; may be given more than once",
	  option_class, FIELD(classes) },
	{ "annotations", 0, NULL, "the container's annotations may choose classes", option_flag,
	  FIELD(annotations) },
	{ "lease", 0, "NONCE", "what vtpm-runtime has entered", option_string, FIELD(lease) },
	OPTION_GROUP("The commands"),
	{ "class-dir", 0, "DIR", "the classes (default: " SYSCONFDIR "/vtpm-cuse/classes.d)",
	  option_string, FIELD(class_dir) },
	{ "force", 0, NULL, "uninstall: though containers with vTPMs run", option_flag,
	  FIELD(force) },
	{ "output", 'o', "DIR", "cdi: where its file goes (default: /etc/cdi)", option_string,
	  FIELD(output) },
	{ "json", 0, NULL, "list, class, state: print JSON", option_flag, FIELD(json) },
	OPTION_GROUP("The host"),
	{ "run-dir", 0, "DIR", "leases and logs (default: " RUNSTATEDIR "/vtpm-cuse)",
	  option_string, FIELD(run_dir) },
	{ "lib-dir", 0, "DIR", "what outlasts a reboot (default: " LOCALSTATEDIR "/lib/vtpm-cuse)",
	  option_string, FIELD(lib_dir) },
	{ "server", 0, "FILE", "the server (default: " SBINDIR "/vtpm-cuse)", option_string,
	  FIELD(server) },
	{ "setup", 0, "FILE", "the manufacturer (default: " SBINDIR "/vtpm-setup)", option_string,
	  FIELD(setup) },
	{ "log-file", 0, "FILE", "log there as well as on standard error", option_string,
	  FIELD(log_file) },
	{ "verbose", 'v', NULL, "log what is done", option_flag, FIELD(verbose) },
	{ "help", 'h', NULL, "print this and exit", option_flag, FIELD(help) },
	{ "version", 'V', NULL, "print the version and exit", option_flag, FIELD(version) },
	OPTION_GROUP("Between the processes of vtpm-hook"),
	{ "lock-fd", 0, "N", "watch: the lock of the one watcher", option_u32, FIELD(lock_fd) },
	{ "init-fd", 0, "N", "watch: the container's first process", option_u32, FIELD(init_fd) },
	{ "runtime-pid", 0, "N", "watch: what may wait for it", option_u32, FIELD(runtime_pid) },
	{ NULL, 0, NULL, NULL, NULL, 0 },
};

static const struct hook_settings defaults = { .conf = SYSCONFDIR "/vtpm-cuse/vtpm-cuse.conf",
					       .class_dir = SYSCONFDIR "/vtpm-cuse/classes.d",
					       .output = "/etc/cdi",
					       .run_dir = RUNSTATEDIR "/vtpm-cuse",
					       .lib_dir = LOCALSTATEDIR "/lib/vtpm-cuse",
					       .server = SBINDIR "/vtpm-cuse",
					       .setup = SBINDIR "/vtpm-setup" };

void hook_settings_help(FILE *out)
{
	options_help(option_specs, out);
	(void)fputs("\nSee vtpm-hook(8).\n", out);
}

/* Leases pass these paths to processes in other directories, and servers leave their own. */
static int make_absolute(struct hook_settings *settings, struct error *err)
{
	const char **const paths[HOOK_PATHS] = { &settings->conf,    &settings->class_dir,
						 &settings->run_dir, &settings->lib_dir,
						 &settings->server,  &settings->setup };

	return paths_make_absolute(paths, settings->made_absolute, HOOK_PATHS, err);
}

void hook_settings_done(struct hook_settings *settings)
{
	for (size_t i = 0; i < HOOK_PATHS; i++)
		free(settings->made_absolute[i]);
}

int hook_settings_parse(int argc, char **argv, struct hook_settings *ret, int *operands,
			struct error *err)
{
	int r;

	*ret = defaults;
	r = options_parse(option_specs, argc, argv, ret, operands, err);
	return r < 0 ? r : make_absolute(ret, err);
}

int hook_settings_apply(const struct hook_settings *settings, struct hook *ret, struct error *err)
{
	cleanup_close int fd = -1;
	int r;

	ret->programs = (struct server_programs){ .server = settings->server,
						  .setup = settings->setup,
						  .run_dir = settings->run_dir,
						  .lib_dir = settings->lib_dir };
	ret->config = settings->conf;
	ret->class_dir = settings->class_dir;
	ret->classes = &settings->classes;
	ret->annotations = settings->annotations;
	ret->nonce = settings->lease;
	r = open_dir_all(settings->run_dir, 0755, &fd, err);
	return r < 0 ? r : runtime_root_find(settings->root, &ret->root, err);
}

/* All values are paths, made absolute because runtimes run hooks in other directories. */
static int add_word(json_t *args, const char *option, const char *value)
{
	cleanup_free char *owned = NULL;
	int r = path_make_absolute(&value, &owned);

	if (r < 0)
		return r;
	return json_array_append_new(args, json_sprintf("--%s=%s", option, value)) < 0 ? -ENOMEM
										       : 0;
}

/* Passes our own options on to the hooks, except those with default values. */
static int add_words(const struct hook_settings *settings, json_t *args, struct error *err)
{
	for (size_t i = 0; option_specs[i].name != NULL; i++) {
		size_t offset = option_specs[i].offset;
		const char *value, *assumed;
		int r;

		if (option_specs[i].store != option_string || offset == FIELD(bundle) ||
		    offset == FIELD(output) || offset == FIELD(lease))
			continue;
		value = *(const char *const *)((const char *)settings + offset);
		assumed = *(const char *const *)((const char *)&defaults + offset);
		r = value != NULL && value != assumed ? add_word(args, option_specs[i].name, value)
						      : 0;
		if (r < 0)
			return error_set(err, -r, "--%s", option_specs[i].name);
	}
	return 0;
}

static int find_program(char program[static PATH_MAX], struct error *err)
{
	ssize_t n = readlink("/proc/self/exe", program, PATH_MAX - 1);

	if (n < 0)
		return error_set(err, errno, "find this program");
	program[n] = '\0';
	return 0;
}

int hook_settings_words(const struct hook_settings *settings, char program[static PATH_MAX],
			json_t *args, struct error *err)
{
	int r = find_program(program, err);

	return r < 0 ? r : add_words(settings, args, err);
}
