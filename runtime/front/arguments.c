/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/front/arguments.h"

#include <errno.h>
#include <string.h>

#include "util/error.h"

/* An option that takes a value, as a word of its own or not. All others are flags. */
struct valued {
	const char *name;
	char letter;
	size_t offset; /* of the field that gets the value, or NOWHERE */
};

#define NOWHERE ((size_t)-1)
#define FIELD(name) offsetof(struct runtime_arguments, name)

static const struct valued runc_globals[] = {
	{ "root", 0, FIELD(root) },
	{ "log", 0, FIELD(log) },
	{ "log-format", 0, FIELD(log_format) },
	{ "criu", 0, NOWHERE },
	{ "rootless", 0, NOWHERE },
	{ NULL, 0, 0 },
};

static const struct valued crun_globals[] = {
	{ "root", 0, FIELD(root) },
	{ "log", 0, FIELD(log) },
	{ "log-format", 0, FIELD(log_format) },
	{ "log-level", 0, NOWHERE },
	{ "cgroup-manager", 0, NOWHERE },
	{ "rootless", 0, NOWHERE },
	{ NULL, 0, 0 },
};

/* Of create, run and restore. */
static const struct valued creating_options[] = {
	{ "bundle", 'b', FIELD(bundle) },    { "config", 'f', FIELD(config) }, /* crun's */
	{ "console-socket", 0, NOWHERE },    { "pidfd-socket", 0, NOWHERE },
	{ "pid-file", 0, NOWHERE },          { "preserve-fds", 0, NOWHERE },
	{ "image-path", 0, NOWHERE },        { "work-path", 0, NOWHERE },
	{ "parent-path", 0, NOWHERE },       { "manage-cgroups-mode", 0, NOWHERE },
	{ "empty-ns", 0, NOWHERE },          { "lsm-profile", 0, NOWHERE },
	{ "lsm-mount-context", 0, NOWHERE }, { NULL, 0, 0 },
};

static const struct valued update_options[] = {
	{ "resources", 'r', FIELD(resources) },
	{ "blkio-weight", 0, NOWHERE },
	{ "cpu-burst", 0, NOWHERE },
	{ "cpu-idle", 0, NOWHERE },
	{ "cpu-period", 0, NOWHERE },
	{ "cpu-quota", 0, NOWHERE },
	{ "cpu-rt-period", 0, NOWHERE },
	{ "cpu-rt-runtime", 0, NOWHERE },
	{ "cpu-share", 0, NOWHERE },
	{ "cpuset-cpus", 0, NOWHERE },
	{ "cpuset-mems", 0, NOWHERE },
	{ "kernel-memory", 0, NOWHERE },
	{ "kernel-memory-tcp", 0, NOWHERE },
	{ "l3-cache-schema", 0, NOWHERE },
	{ "mem-bw-schema", 0, NOWHERE },
	{ "memory", 0, NOWHERE },
	{ "memory-reservation", 0, NOWHERE },
	{ "memory-swap", 0, NOWHERE },
	{ "pids-limit", 0, NOWHERE },
	{ NULL, 0, 0 },
};

/* Of the other commands only the name matters. */
static const struct valued other_options[] = { { NULL, 0, 0 } };

static const struct valued *options_of(const char *command)
{
	if (strcmp(command, "create") == 0 || strcmp(command, "run") == 0 ||
	    strcmp(command, "restore") == 0)
		return creating_options;
	return strcmp(command, "update") == 0 ? update_options : other_options;
}

const char *runtime_kind_name(enum runtime_kind kind)
{
	return kind == RUNTIME_CRUN ? "crun" : "runc";
}

enum runtime_kind runtime_kind_of(const char *program)
{
	const char *slash = strrchr(program, '/');

	return strstr(slash != NULL ? slash : program, "crun") != NULL ? RUNTIME_CRUN
								       : RUNTIME_RUNC;
}

/* --- our own --------------------------------------------------------------------------------- */

static int check_characters(const char *word, struct error *err)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:,=+@%";

	if (strspn(word, allowed) == strlen(word))
		return 0;
	return error_say(err, EINVAL,
			 "%.*s: options for vtpm-runtime cannot have blanks or characters that a "
			 "shell takes apart",
			 (int)strcspn(word, "="), word);
}

static const char *value_of(const char *word, const char *option)
{
	size_t len = strlen(option);

	return strncmp(word, option, len) == 0 ? word + len : NULL;
}

static int read_own(const char *word, struct own_options *own, struct error *err)
{
	const struct {
		const char *option, **value;
	} texts[] = {
		{ "--vtpm-runtime=", &own->runtime },
		{ "--vtpm-config=", &own->config },
		{ "--vtpm-class-dir=", &own->class_dir },
		{ "--vtpm-run-dir=", &own->run_dir },
	};
	const char *classes = value_of(word, "--vtpm-class=");

	if (classes != NULL)
		return class_requests_add(&own->classes, classes, false, err);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *value = value_of(word, texts[i].option);

		if (value == NULL)
			continue;
		*texts[i].value = value;
		return value[0] == '/' ? 0
				       : error_say(err, EINVAL, "%s: not an absolute path", word);
	}
	if (strcmp(word, "--vtpm-help") == 0)
		own->help = true;
	else if (strcmp(word, "--vtpm-version") == 0)
		own->version = true;
	else
		return error_say(err, EINVAL, "%s: vtpm-runtime has no such option", word);
	return 0;
}

int own_options_read(const char *const *argv, struct own_options *ret, struct error *err)
{
	int r = 0;

	*ret = (struct own_options){ 0 };
	for (; argv[ret->count + 1] != NULL; ret->count++) {
		const char *word = argv[ret->count + 1];
		int one;

		if (value_of(word, "--vtpm-") == NULL)
			break;
		one = check_characters(word, r == 0 ? err : NULL);
		if (one == 0)
			one = read_own(word, ret, r == 0 ? err : NULL);
		/*
		 * Counts the others all the same: the runtime's options behind them say where to
		 * complain.
		 */
		if (r == 0)
			r = one;
	}
	return r;
}

/* --- the runtime's --------------------------------------------------------------------------- */

struct scan {
	enum runtime_kind kind;
	const char *const *argv;
	int at; /* the word that is read next */
	struct runtime_arguments *found;
};

/* Notes the option's VALUE, which is the word before scan->at or the end of that word. */
static void note(struct scan *scan, const struct valued *option, const char *value)
{
	if (option->offset == NOWHERE || value == NULL)
		return;
	*(const char **)((char *)scan->found + option->offset) = value;
	if (option->offset == FIELD(resources))
		scan->found->resources_word = scan->at - 1;
}

static const char *next_word(struct scan *scan)
{
	return scan->argv[scan->at] != NULL ? scan->argv[scan->at++] : NULL;
}

/* getopt_long() accepts any unambiguous beginning of a name. */
static const struct valued *find_long(enum runtime_kind kind, const struct valued *options,
				      const char *name, size_t len)
{
	const struct valued *like = NULL;
	size_t count = 0;

	for (; options->name != NULL; options++) {
		if (strncmp(options->name, name, len) != 0)
			continue;
		if (options->name[len] == '\0')
			return options;
		like = options;
		count++;
	}
	return kind == RUNTIME_CRUN && count == 1 ? like : NULL;
}

static const struct valued *find_letter(const struct valued *options, char letter)
{
	for (; options->name != NULL; options++) {
		if (options->letter == letter && letter != 0)
			return options;
	}
	return NULL;
}

static void read_long(struct scan *scan, const struct valued *options, const char *word)
{
	size_t len = strcspn(word, "=");
	const struct valued *option = find_long(scan->kind, options, word, len);

	if (option == NULL && len == 1 && scan->kind == RUNTIME_RUNC)
		option = find_letter(options, word[0]);
	if (option != NULL)
		note(scan, option, word[len] == '=' ? word + len + 1 : next_word(scan));
	else if (strcmp(word, "systemd-cgroup") == 0 || strcmp(word, "systemd-cgroup=true") == 0)
		scan->found->systemd_cgroup = true;
}

/* -abVALUE or -ab VALUE, where b takes one. */
static void read_letters(struct scan *scan, const struct valued *options, const char *word)
{
	for (; *word != '\0'; word++) {
		const struct valued *option = find_letter(options, *word);

		if (option == NULL)
			continue;
		note(scan, option, word[1] != '\0' ? word + 1 : next_word(scan));
		return;
	}
}

/* Reads the next word if it is an option; "-" alone is none. */
static bool read_option(struct scan *scan, const struct valued *options)
{
	const char *word = scan->argv[scan->at];

	if (word == NULL || word[0] != '-' || word[1] == '\0' || strcmp(word, "--") == 0)
		return false;
	scan->at++;
	if (word[1] == '-')
		read_long(scan, options, word + 2);
	else if (scan->kind == RUNTIME_RUNC)
		read_long(scan, options, word + 1);
	else
		read_letters(scan, options, word + 1);
	return true;
}

static void skip_dashes(struct scan *scan)
{
	if (scan->argv[scan->at] != NULL && strcmp(scan->argv[scan->at], "--") == 0)
		scan->at++;
}

/* Options may follow the container's id: both runtimes accept them there. */
static void read_command(struct scan *scan, const struct valued *options)
{
	bool only_words = false;

	while (scan->argv[scan->at] != NULL) {
		const char *word = scan->argv[scan->at];

		if (!only_words && read_option(scan, options))
			continue;
		scan->at++;
		if (!only_words && strcmp(word, "--") == 0)
			only_words = true;
		else if (scan->found->id == NULL)
			scan->found->id = word;
	}
}

void runtime_arguments_read(enum runtime_kind kind, const char *const *argv, int first,
			    struct runtime_arguments *ret)
{
	struct scan scan = { .kind = kind, .argv = argv, .at = first, .found = ret };
	*ret = (struct runtime_arguments){ 0 };
	while (read_option(&scan, kind == RUNTIME_CRUN ? crun_globals : runc_globals))
		;
	skip_dashes(&scan);
	ret->command = next_word(&scan);
	if (ret->command != NULL)
		read_command(&scan, options_of(ret->command));
}
