/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vtpm-hook: what container runtimes call when a container comes and goes.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "runtime/config/inject.h"
#include "runtime/config/members.h"
#include "runtime/config/oci_state.h"
#include "runtime/config/request.h"
#include "runtime/create.h"
#include "runtime/hook.h"
#include "runtime/hook/caller.h"
#include "runtime/hook/class_commands.h"
#include "runtime/hook/state_commands.h"
#include "runtime/keep.h"
#include "runtime/host/host_root.h"
#include "runtime/host/process.h"
#include "runtime/teardown.h"
#include "runtime/watch.h"
#include "util/cleanup.h"
#include "util/dir.h"
#include "util/error.h"
#include "util/log.h"
#include "util/options.h"
#include "util/path.h"
#include "util/pidfd.h"
#include "util/program.h"

#define PATHS 6

struct config {
	const char *root, *bundle, *conf, *class_dir, *run_dir, *lib_dir, *server, *setup,
		*log_file, *output, *lease, *operand;
	struct class_requests classes;
	uint32_t lock_fd, init_fd, runtime_pid;
	bool annotations, json, verbose, help, version;
	char *made_absolute[PATHS];
};

#define FIELD(name) offsetof(struct config, name)

static int option_class(const struct option_spec *spec, const char *value, void *field,
			struct error *err)
{
	int r = class_requests_add(field, value, false, err);

	return r < 0 ? error_prefix(err, r, "--%s", spec->name) : 0;
}

static const struct option_spec option_specs[] = {
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
	{ "class-dir", 0, "DIR", "the classes (default: " SYSCONFDIR "/vtpm-cuse/classes.d)",
	  option_string, FIELD(class_dir) },
	{ "output", 'o', "DIR", "cdi: where its file goes (default: /etc/cdi)", option_string,
	  FIELD(output) },
	{ "lease", 0, "NONCE", "what vtpm-runtime has entered", option_string, FIELD(lease) },
	{ "json", 0, NULL, "class: print JSON", option_flag, FIELD(json) },
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
	{ "lock-fd", 0, "N", "watch: the lock of the one watcher", option_u32, FIELD(lock_fd) },
	{ "init-fd", 0, "N", "watch: the container's first process", option_u32, FIELD(init_fd) },
	{ "runtime-pid", 0, "N", "watch: what may wait for it", option_u32, FIELD(runtime_pid) },
	{ "verbose", 'v', NULL, "log what is done", option_flag, FIELD(verbose) },
	{ "help", 'h', NULL, "print this and exit", option_flag, FIELD(help) },
	{ "version", 'V', NULL, "print the version and exit", option_flag, FIELD(version) },
	{ NULL, 0, NULL, NULL, NULL, 0 },
};

static const struct config defaults = { .conf = SYSCONFDIR "/vtpm-cuse/vtpm-cuse.conf",
					.class_dir = SYSCONFDIR "/vtpm-cuse/classes.d",
					.output = "/etc/cdi",
					.run_dir = RUNSTATEDIR "/vtpm-cuse",
					.lib_dir = LOCALSTATEDIR "/lib/vtpm-cuse",
					.server = SBINDIR "/vtpm-cuse",
					.setup = SBINDIR "/vtpm-setup" };

static int set_up(const struct config *config, struct hook *hook, struct error *err)
{
	cleanup_close int fd = -1;
	int r;

	hook->programs = (struct server_programs){ .server = config->server,
						   .setup = config->setup,
						   .run_dir = config->run_dir,
						   .lib_dir = config->lib_dir };
	hook->config = config->conf;
	hook->class_dir = config->class_dir;
	hook->classes = &config->classes;
	hook->annotations = config->annotations;
	hook->nonce = config->lease;
	r = open_dir_all(config->run_dir, 0755, &fd, err);
	return r < 0 ? r : runtime_root_find(config->root, &hook->root, err);
}

typedef int hook_function(const struct hook *hook, const struct oci_state *state,
			  struct error *err);

static int with_state(const struct config *config, hook_function *function, struct error *err)
{
	struct oci_state state;
	struct hook hook = { 0 };
	int r;

	r = oci_state_read(STDIN_FILENO, &state, err);
	if (r < 0)
		return r;
	r = set_up(config, &hook, err);
	if (r == 0)
		r = function(&hook, &state, err);
	oci_state_done(&state);
	return r;
}

static int create(const struct config *config, struct error *err)
{
	int r = host_root_check(err);

	return r < 0 ? r : with_state(config, container_create, err);
}

/* The watcher may have gone with the container that it was started for. */
static void resume_watch(const struct config *config)
{
	struct error why;

	if (watch_resume(config->run_dir, &why) < 0)
		log_warn("an update may take vTPMs away: %s", why.text);
}

static int poststop(const struct config *config, struct error *err)
{
	int r = with_state(config, container_remove, err);

	resume_watch(config);
	return r;
}

static int prune(const struct config *config, struct error *err)
{
	struct hook hook = { 0 };
	size_t count = 0;
	int r;

	r = set_up(config, &hook, err);
	if (r == 0)
		r = containers_prune(&hook.programs, &count, err);
	if (r == 0)
		count += states_prune(&hook.programs) +
			 kept_states_prune(&hook.programs, time(NULL));
	if (count > 0)
		log_info("removed what %zu containers left", count);
	resume_watch(config);
	return r;
}

/* All are paths, and runtimes run hooks in other directories than this one. */
static int add_word(json_t *args, const char *option, const char *value)
{
	cleanup_free char *owned = NULL;
	int r = path_make_absolute(&value, &owned);

	if (r < 0)
		return r;
	return json_array_append_new(args, json_sprintf("--%s=%s", option, value)) < 0 ? -ENOMEM
										       : 0;
}

/* What was said to us is said to the hooks, except what they would assume anyway. */
static int add_words(const struct config *config, json_t *args, struct error *err)
{
	for (size_t i = 0; option_specs[i].name != NULL; i++) {
		size_t offset = option_specs[i].offset;
		const char *value, *assumed;
		int r;

		if (option_specs[i].store != option_string || offset == FIELD(bundle) ||
		    offset == FIELD(output) || offset == FIELD(lease))
			continue;
		value = *(const char *const *)((const char *)config + offset);
		assumed = *(const char *const *)((const char *)&defaults + offset);
		r = value != NULL && value != assumed ? add_word(args, option_specs[i].name, value)
						      : 0;
		if (r < 0)
			return error_set(err, -r, "--%s", option_specs[i].name);
	}
	return 0;
}

static int add_classes(const struct config *config, json_t *args, struct error *err)
{
	const struct class_requests *classes = &config->classes;
	int r = 0;

	if (config->annotations)
		r = json_array_append_new(args, json_string("--annotations"));
	for (size_t i = 0; r == 0 && i < classes->count; i++) {
		const struct class_request *one = &classes->list[i];

		r = json_array_append_new(args, json_sprintf("--class=%s%s%s", one->class,
							     one->device[0] != '\0' ? ":" : "",
							     one->device));
	}
	return r < 0 ? error_set(err, ENOMEM, "--class") : 0;
}

static int find_program(char program[static PATH_MAX], struct error *err)
{
	ssize_t n = readlink("/proc/self/exe", program, PATH_MAX - 1);

	if (n < 0)
		return error_set(err, errno, "find this program");
	program[n] = '\0';
	return 0;
}

static int inject(const struct config *config, struct error *err)
{
	cleanup_json json_t *args = json_array();
	char program[PATH_MAX];
	int r;

	if (config->bundle == NULL)
		return error_say(err, EINVAL, "inject needs --bundle");
	r = find_program(program, err);
	if (r == 0)
		r = add_words(config, args, err);
	if (r == 0)
		r = add_classes(config, args, err);
	return r < 0 ? r : inject_hooks(config->bundle, program, args, err);
}

static int list_classes(const struct config *config, struct error *err)
{
	return class_list(config->class_dir, config->json, err);
}

static int check_classes(const struct config *config, struct error *err)
{
	bool good;
	int r = class_check(config->class_dir, config->json, &good, err);

	if (r == 0 && !good)
		return error_say(err, EINVAL,
				 "something is wrong with the classes, or the ways "
				 "to them; see above");
	return r;
}

static int write_cdi(const struct config *config, struct error *err)
{
	cleanup_json json_t *args = json_array();
	char program[PATH_MAX];
	int r;

	r = find_program(program, err);
	if (r == 0)
		r = add_words(config, args, err);
	return r < 0 ? r : cdi_write(config->class_dir, config->output, program, args, err);
}

static int watch(const struct config *config, struct error *err)
{
	if (config->lock_fd == 0 || config->lock_fd > INT_MAX || config->init_fd > INT_MAX)
		return error_say(err, EINVAL, "watch is started by other commands alone");
	return watch_run(config->run_dir, (int)config->lock_fd,
			 config->init_fd != 0 ? (int)config->init_fd : -1,
			 (pid_t)config->runtime_pid, err);
}

static int allow(const struct config *config, struct error *err)
{
	return watch_restore(config->run_dir, err);
}

static int list_states(const struct config *config, struct error *err)
{
	struct hook hook = { 0 };
	int r = set_up(config, &hook, err);

	return r < 0 ? r : state_list(&hook.programs, config->json, err);
}

static int remove_one_state(const struct config *config, struct error *err)
{
	struct hook hook = { 0 };
	int r;

	if (config->operand == NULL)
		return error_say(err, EINVAL, "state remove needs a path; see state list");
	r = set_up(config, &hook, err);
	return r < 0 ? r : state_remove(&hook.programs, config->operand, err);
}

static const struct command {
	const char *name;
	int (*run)(const struct config *config, struct error *err);
	const char *second; /* NULL: the command is one word */
} commands[] = {
	{ "createRuntime", create, NULL },
	{ "prestart", create, NULL },
	{ "poststop", poststop, NULL },
	{ "prune", prune, NULL },
	{ "inject", inject, NULL },
	{ "class", list_classes, "list" },
	{ "class", check_classes, "check" },
	{ "state", list_states, "list" },
	{ "state", remove_one_state, "remove" },
	{ "cdi", write_cdi, NULL },
	{ "watch", watch, NULL },
	{ "allow", allow, NULL },
};

static int print_help(void)
{
	(void)printf("usage: vtpm-hook [options] createRuntime|prestart|poststop <STATE\n"
		     "       vtpm-hook [options] prune|allow\n"
		     "       vtpm-hook [options] --bundle DIR inject\n"
		     "       vtpm-hook [options] class list|check\n"
		     "       vtpm-hook [options] state list|remove PATH\n"
		     "       vtpm-hook [options] cdi\n\n");
	options_help(option_specs, stdout);
	return 0;
}

static bool is_named(const struct command *command, char **words, int count)
{
	if (strcmp(words[0], command->name) != 0)
		return false;
	if (command->second == NULL)
		return count == 1;
	return count >= 2 && strcmp(words[1], command->second) == 0 &&
	       count <= 2 + (command->run == remove_one_state);
}

static int run(struct config *config, char **words, int count, struct error *err)
{
	config->operand = count > 2 ? words[2] : NULL;
	if (count == 0)
		return error_say(err, EINVAL, "a command is needed; see --help");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (is_named(&commands[i], words, count))
			return commands[i].run(config, err);
	}
	return error_say(err, EINVAL, "there is no command '%s%s%s'; see --help", words[0],
			 count > 1 ? " " : "", count > 1 ? words[1] : "");
}

/* Leases name these to processes in other directories, and servers leave the one they start in. */
static int make_absolute(struct config *config, struct error *err)
{
	const char **const paths[PATHS] = { &config->conf,    &config->class_dir, &config->run_dir,
					    &config->lib_dir, &config->server,    &config->setup };

	for (size_t i = 0; i < PATHS; i++) {
		int r = path_make_absolute(paths[i], &config->made_absolute[i]);

		if (r < 0)
			return error_set(err, -r, "%s", *paths[i]);
	}
	return 0;
}

static void config_done(struct config *config)
{
	for (size_t i = 0; i < PATHS; i++)
		free(config->made_absolute[i]);
}

/* Runtimes show their users what a hook says on standard error. */
static void complain(const struct config *config, const struct error *err)
{
	log_err("%s", err->text);
	if (config->log_file != NULL)
		(void)fprintf(stderr, "vtpm-hook: %s\n", err->text);
}

int main(int argc, char **argv)
{
	__attribute__((cleanup(config_done))) struct config config = defaults;
	struct error err = { "" };
	int operands = 0, r;

	program_start();
	(void)umask(077);
	/* Not for programs that are started from here; not closed: a password may be in one. */
	close_on_exec_from(STDERR_FILENO + 1);
	caller_borrow();
	log_init("vtpm-hook", LOG_LEVEL_INFO);
	r = options_parse(option_specs, argc, argv, &config, &operands, &err);
	if (r == 0 && config.help)
		return print_help();
	if (r == 0 && config.version)
		return printf("vtpm-hook %s\n", PACKAGE_VERSION) < 0;
	if (r == 0)
		log_init("vtpm-hook", config.verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARN);
	if (r == 0 && config.log_file != NULL)
		r = log_to_file(config.log_file, &err);
	if (r == 0)
		r = make_absolute(&config, &err);
	if (r == 0)
		r = run(&config, argv + operands, argc - operands, &err);
	if (r < 0)
		complain(&config, &err);
	return r < 0;
}
