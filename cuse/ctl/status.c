/* SPDX-License-Identifier: BSD-3-Clause */
/* vtpm-ctl status and list: show the state of servers. */
#include "cuse/ctl/ctl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cuse/ctl/ask.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/printable.h"

void ctl_print_json(const json_t *json, size_t flags)
{
	(void)json_dumpf(json, stdout, JSON_INDENT(2) | flags);
	(void)putchar('\n');
}

/* Prints TEXT on one line, at least WIDTH wide. Paths may hold any bytes, so it escapes them. */
static void print_text(const char *text, int width)
{
	cleanup_free char *shown = text_printable(text);

	(void)printf("%-*s", width, shown != NULL ? shown : "-");
}

/* Prints the value of one key in a form for people. */
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
		ctl_print_json(answer, 0);
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

/* A running server keeps its program, even after a newer one was installed. */
static const char *condition_of(const json_t *status)
{
	return strcmp(text_of(status, "version"), PACKAGE_VERSION) == 0 ? "serves" : "older";
}

/* Only the name of a dead server is known. */
static int add_conditions(const struct ctl_answers *answers)
{
	json_t *each;
	size_t i;
	int r = 0;

	json_array_foreach(answers->all, i, each) r |=
		json_object_set_new(each, "condition", json_string(condition_of(each)));
	json_array_foreach(answers->dead, i, each) r |= json_array_append_new(
		answers->all, json_pack("{s:O, s:s}", "name", each, "condition", "dead"));
	return r < 0 ? -ENOMEM : 0;
}

/* Reports the servers that are missing, so that nobody takes a partial list for a whole one. */
int ctl_list(const struct ctl_options *options, const char *name, struct error *err)
{
	cleanup_with(ctl_answers_done) struct ctl_answers answers = { 0 };
	int r = ctl_ask_all("status", &answers, err);

	(void)name;
	if (r < 0)
		return r;
	if (add_conditions(&answers) < 0)
		return error_set(err, ENOMEM, "list");
	if (options->json)
		ctl_print_json(answers.all, 0);
	else
		print_table(answers.all);
	return ctl_missing_say(&answers.missing, err);
}
