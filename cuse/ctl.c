/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vtpm-ctl: talks to running servers over their control sockets.
 */
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>

#include "cuse/control_client.h"
#include "util/exit_status.h"
#include "util/error.h"
#include "util/log.h"
#include "util/options.h"

struct config {
	bool json, help, version;
};

static const struct option_spec specs[] = {
	{ "json", 'j', NULL, "print JSON", option_flag, offsetof(struct config, json) },
	{ "help", 'h', NULL, "print this and exit", option_flag, offsetof(struct config, help) },
	{ "version", 'V', NULL, "print the version and exit", option_flag,
	  offsetof(struct config, version) },
	{ 0 },
};

/* How long a stop may take: the longest command a TPM has is running. */
#define STOP_TIMEOUT_MS 60000

static int ask(const char *name, const char *command, json_t **answer, struct error *err)
{
	json_auto_t *request = json_pack("{s:s}", "command", command);
	cleanup_close int fd = -1;
	int r;

	if (request == NULL)
		return error_set(err, ENOMEM, "ask vTPM %s", name);
	r = control_connect(name, &fd, err);
	if (r < 0)
		return r;
	r = control_ask(fd, request, answer, err);
	return r < 0 ? error_prefix(err, r, "vTPM %s", name) : 0;
}

static void print_json(const json_t *json)
{
	(void)json_dumpf(json, stdout, JSON_INDENT(2));
	(void)putchar('\n');
}

/* A key's value as a person reads it. */
static void print_value(const json_t *value)
{
	if (json_is_string(value))
		(void)printf("%s", json_string_value(value));
	else if (json_is_integer(value))
		(void)printf("%lld", (long long)json_integer_value(value));
	else if (json_is_boolean(value))
		(void)printf("%s", json_is_true(value) ? "yes" : "no");
	else
		(void)printf("-");
}

static int status(const struct config *config, const char *name, struct error *err)
{
	json_auto_t *answer = NULL;
	const char *key;
	const json_t *value;
	int r = ask(name, "status", &answer, err);

	if (r < 0)
		return r;
	if (config->json) {
		print_json(answer);
		return 0;
	}
	json_object_foreach(answer, key, value)
	{
		(void)printf("%-14s ", key);
		print_value(value);
		(void)putchar('\n');
	}
	return 0;
}

/* Adds the status of the server behind the socket FILE; one that is gone meanwhile is left out. */
static int add_status(json_t *list, const char *file)
{
	char name[NAME_MAX + 1];
	size_t len = strlen(file), suffix = strlen(CONTROL_SUFFIX);
	json_t *answer = NULL;

	if (len <= suffix || strcmp(file + len - suffix, CONTROL_SUFFIX) != 0)
		return 0;
	(void)snprintf(name, sizeof(name), "%.*s", (int)(len - suffix), file);
	if (ask(name, "status", &answer, NULL) < 0)
		return 0;
	return json_array_append_new(list, answer) < 0 ? -ENOMEM : 0;
}

static int collect(json_t *list, struct error *err)
{
	cleanup_with(closedirp) DIR *dir = opendir(CONTROL_DIR);
	const struct dirent *entry;

	if (dir == NULL)
		return errno == ENOENT ? 0 : error_set(err, errno, "open %s", CONTROL_DIR);
	while ((entry = readdir(dir)) != NULL) {
		if (add_status(list, entry->d_name) < 0)
			return error_set(err, ENOMEM, "list");
	}
	return 0;
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "-";
}

static int list(const struct config *config, const char *name, struct error *err)
{
	json_auto_t *all = json_array();
	const json_t *each;
	size_t i;
	int r;

	(void)name;
	r = all == NULL ? error_set(err, ENOMEM, "list") : collect(all, err);
	if (r < 0)
		return r;
	if (config->json) {
		print_json(all);
		return 0;
	}
	(void)printf("%-24s %-8s %-8s %-4s %s\n", "NAME", "PID", "DEVICE", "TPM", "STATE");
	json_array_foreach(all, i, each)
	{
		(void)printf("%-24s %-8lld %-8s %-4s %s\n", text_of(each, "name"),
			     (long long)json_integer_value(json_object_get(each, "pid")),
			     text_of(each, "device"), text_of(each, "tpm_version"),
			     text_of(each, "state"));
	}
	return 0;
}

/* Returns when the process is gone: its state can be used, its name and numbers taken again. */
static int stop(const struct config *config, const char *name, struct error *err)
{
	json_auto_t *request = json_pack("{s:s}", "command", "stop");
	json_auto_t *answer = NULL;
	cleanup_close int fd = -1, pid_fd = -1;
	struct pollfd gone = { .events = POLLIN };
	pid_t pid;
	int r;

	(void)config;
	r = control_connect(name, &fd, err);
	if (r < 0)
		return r;
	if (control_peer_pid(fd, &pid) == 0)
		pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
	r = control_ask(fd, request, &answer, err);
	if (r < 0)
		return error_prefix(err, r, "vTPM %s", name);

	gone.fd = pid_fd;
	if (pid_fd >= 0 && poll(&gone, 1, STOP_TIMEOUT_MS) == 0)
		return error_say(err, ETIMEDOUT, "vTPM %s has not ended yet", name);
	return 0;
}

/* Between two looks at something that is about to end. */
static void pause_briefly(void)
{
	static const struct timespec pause = { .tv_nsec = 5000000 };

	(void)nanosleep(&pause, NULL);
}

/* Returns when the command in flight is done, and no other has been begun. */
static int freeze(const struct config *config, const char *name, struct error *err)
{
	json_auto_t *answer = NULL;
	bool busy = true;
	int r = ask(name, "freeze", &answer, err);

	(void)config;
	while (r == 0 && busy) {
		json_auto_t *now = NULL;

		r = ask(name, "status", &now, err);
		busy = json_is_true(json_object_get(now, "busy"));
		if (busy)
			pause_briefly();
	}
	return r;
}

static int thaw(const struct config *config, const char *name, struct error *err)
{
	json_auto_t *answer = NULL;

	(void)config;
	return ask(name, "thaw", &answer, err);
}

/* A cancel that comes before libtpms has begun is lost: it is repeated until the command is gone.
 */
static int cancel(const struct config *config, const char *name, struct error *err)
{
	json_auto_t *request = json_pack("{s:s, s:i}", "command", "cancel", "turn", 0);
	cleanup_close int fd = -1;
	int r = control_connect(name, &fd, err);

	(void)config;
	for (int tries = 0; r == 0; tries++) {
		json_auto_t *answer = NULL;

		r = control_ask(fd, request, &answer, err);
		if (r == -EREMOTEIO && tries > 0)
			return 0;
		if (r == 0)
			r = json_object_update(request, answer);
		if (r == 0)
			pause_briefly();
	}
	return error_prefix(err, r, "vTPM %s", name);
}

static const struct {
	const char *name;
	bool wants_name;
	int (*run)(const struct config *config, const char *name, struct error *err);
	const char *help;
} commands[] = {
	{ "cancel", true, cancel, "cancel the command that runs" },
	{ "freeze", true, freeze, "begin no command until the thaw; returns when none runs" },
	{ "list", false, list, "the vTPMs that run on this host" },
	{ "status", true, status, "what a vTPM is and has done" },
	{ "stop", true, stop, "end a vTPM; returns when it is gone" },
	{ "thaw", true, thaw, "begin commands again" },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void help(void)
{
	(void)puts("Usage: vtpm-ctl COMMAND [NAME] [OPTION...]\n\nCommands:");
	for (size_t i = 0; i < COMMANDS; i++)
		(void)printf("  %-8s %-23s %s\n", commands[i].name,
			     commands[i].wants_name ? "NAME" : "", commands[i].help);
	(void)puts("\nOptions:");
	options_help(specs, stdout);
}

static int usage(const char *what, const char *word)
{
	log_err("%s%s; see --help", what, word);
	return EXIT_STATUS_USAGE;
}

static int run(const struct config *config, int argc, char **argv)
{
	struct error err = { "" };
	size_t i = 0;
	int r;

	if (argc < 1)
		return usage("which command?", "");
	while (i < COMMANDS && strcmp(commands[i].name, argv[0]) != 0)
		i++;
	if (i == COMMANDS)
		return usage("no such command: ", argv[0]);
	if (argc != 1 + commands[i].wants_name)
		return usage(commands[i].wants_name ? "one NAME is needed for " : "no NAME for ",
			     argv[0]);

	r = commands[i].run(config, argv[1], &err);
	if (r < 0)
		log_err("%s", err.text);
	return r == -ENOENT ? EXIT_STATUS_NO_VTPM : exit_status(r);
}

int main(int argc, char **argv)
{
	struct config config = { 0 };
	struct error err = { "" };
	int operands;

	log_init("vtpm-ctl", LOG_LEVEL_INFO);
	if (options_parse(specs, argc, argv, &config, &operands, &err) < 0) {
		log_err("%s", err.text);
		return EXIT_STATUS_USAGE;
	}
	if (config.help) {
		help();
		return 0;
	}
	if (config.version) {
		(void)puts(PACKAGE_STRING);
		return 0;
	}
	return run(&config, argc - operands, argv + operands);
}
