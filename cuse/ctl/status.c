/* SPDX-License-Identifier: BSD-3-Clause */
/* What vtpm-ctl shows of servers: status and list. */
#include "cuse/ctl/ctl.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "cuse/control/client.h"
#include "util/error.h"
#include "util/printable.h"

static void print_json(const json_t *json)
{
	(void)json_dumpf(json, stdout, JSON_INDENT(2));
	(void)putchar('\n');
}

/* On one line, at least WIDTH wide, whatever bytes a path is made of. */
static void print_text(const char *text, int width)
{
	cleanup_free char *shown = text_printable(text);

	(void)printf("%-*s", width, shown != NULL ? shown : "-");
}

/* A key's value as a person reads it. */
static void print_value(const json_t *value)
{
	if (json_is_string(value))
		print_text(json_string_value(value), 0);
	else if (json_is_integer(value))
		(void)printf("%lld", (long long)json_integer_value(value));
	else if (json_is_boolean(value))
		(void)printf("%s", json_is_true(value) ? "yes" : "no");
	else
		(void)printf("-");
}

int ctl_status(const struct ctl_options *options, const char *name, struct error *err)
{
	json_auto_t *answer = NULL;
	const char *key;
	const json_t *value;
	int r = ctl_ask(name, "status", &answer, err);

	if (r < 0)
		return r;
	if (options->json) {
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

/* What its socket tells of a server that did not end in order: its name alone. */
static json_t *dead_json(const char *name)
{
	return json_pack("{s:s, s:s}", "name", name, "condition", "dead");
}

/* Adds the status of the server NAME; one that is gone meanwhile is left out. */
static int add_status(json_t *list, const char *name, int *forbidden)
{
	json_t *answer = NULL;
	int r;

	r = ctl_ask(name, "status", &answer, NULL);
	*forbidden += r == -EACCES;
	if (r == -ECONNREFUSED && control_has_died(name))
		answer = dead_json(name);
	else if (r < 0)
		return 0;
	else
		(void)json_object_set_new(answer, "condition", json_string("serves"));
	return json_array_append_new(list, answer) < 0 ? -ENOMEM : 0;
}

static int collect(json_t *list, int *forbidden, struct error *err)
{
	cleanup_with(closedirp) DIR *dir = opendir(CONTROL_DIR);
	const struct dirent *entry;
	char name[NAME_MAX + 1];

	if (dir == NULL)
		return errno == ENOENT ? 0 : error_set(err, errno, "open %s", CONTROL_DIR);
	while ((entry = readdir(dir)) != NULL) {
		if (control_is_entry(dirfd(dir), entry->d_name, name) &&
		    add_status(list, name, forbidden) < 0)
			return error_set(err, ENOMEM, "list");
	}
	return 0;
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "-";
}

static const char *number_of(const json_t *object, const char *key, char text[static 24])
{
	const json_t *number = json_object_get(object, key);

	if (number == NULL)
		return "-";
	(void)snprintf(text, 24, "%lld", (long long)json_integer_value(number));
	return text;
}

static void print_table(const json_t *all)
{
	const json_t *each;
	char pid[24];
	size_t i;

	(void)printf("%-24s %-9s %-8s %-8s %-4s %s\n", "NAME", "CONDITION", "PID", "DEVICE", "TPM",
		     "STATE");
	json_array_foreach(all, i, each)
	{
		(void)printf("%-24s %-9s %-8s %-8s %-4s ", text_of(each, "name"),
			     text_of(each, "condition"), number_of(each, "pid", pid),
			     text_of(each, "device"), text_of(each, "tpm_version"));
		print_text(text_of(each, "state"), 0);
		(void)putchar('\n');
	}
}

/* Those that are left out are told: a list without them is none of all. */
static int complain(int forbidden, struct error *err)
{
	if (forbidden == 0)
		return 0;
	return error_say(err, EACCES,
			 "%d vTPM%s of others run%s, which only root and their own users may ask",
			 forbidden, forbidden == 1 ? "" : "s", forbidden == 1 ? "s" : "");
}

int ctl_list(const struct ctl_options *options, const char *name, struct error *err)
{
	json_auto_t *all = json_array();
	int forbidden = 0;
	int r;

	(void)name;
	r = all == NULL ? error_set(err, ENOMEM, "list") : collect(all, &forbidden, err);
	if (r < 0)
		return r;
	if (options->json)
		print_json(all);
	else
		print_table(all);
	return complain(forbidden, err);
}
