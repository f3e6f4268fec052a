/* SPDX-License-Identifier: BSD-3-Clause */
/* vtpm-hook class: lists the classes, and checks them. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "runtime/config/cdi.h"
#include "runtime/config/class.h"
#include "runtime/config/class_dir.h"
#include "runtime/config/members.h"
#include "runtime/hook/commands.h"
#include "runtime/hook/output.h"
#include "runtime/hook/settings.h"
#include "runtime/hook/ways_in.h"
#include "util/cleanup.h"
#include "util/error.h"

/* Prints one class, or why its file is none. */
typedef int class_visitor(const char *name, const struct vtpm_class *class, const struct error *why,
			  void *context);

static int visit(const char *dir, class_visitor *visitor, void *context, struct error *err)
{
	char **names = NULL;
	size_t count = 0;
	int r;

	r = class_dir_names(dir, geteuid(), &names, &count, err);
	if (r < 0)
		return r;
	for (size_t i = 0; r == 0 && i < count; i++) {
		struct error why = { "" };
		struct vtpm_class class;

		if (class_dir_read(dir, geteuid(), names[i], &class, &why) < 0) {
			r = visitor(names[i], NULL, &why, context);
			continue;
		}
		r = visitor(names[i], &class, NULL, context);
		class_done(&class);
	}
	class_dir_free_names(names, count);
	return r < 0 ? error_set(err, -r, "go through the classes in %s", dir) : 0;
}

static json_t *bound(int64_t most)
{
	return most > 0 ? json_integer(most) : json_null();
}

static json_t *describe(const struct vtpm_class *class)
{
	const char *root = class->state_root;

	return json_pack("{s:s, s:s, s:s?, s:o, s:o, s:s, s:b, s:b}", "name", class->name, "life",
			 class_life_name(class->life), "stateRoot", root, "max", bound(class->max),
			 "maxStates", bound(class->max_states), "per",
			 class->per_namespace ? "namespace" : "host", "annotations",
			 class->annotations, "names", class->names);
}

static json_t *describe_bad(const char *name, const struct error *why)
{
	return json_pack("{s:s, s:s}", "name", name, "error", why->text);
}

static int collect(const char *name, const struct vtpm_class *class, const struct error *why,
		   void *context)
{
	json_t *one = class != NULL ? describe(class) : describe_bad(name, why);

	return json_array_append_new(context, one) < 0 ? -ENOMEM : 0;
}

static void print_bound(int64_t most)
{
	if (most > 0)
		(void)printf(" %7" PRId64, most);
	else
		(void)printf(" %7s", "-");
}

static int print_row(const char *name, const struct vtpm_class *class, const struct error *why,
		     void *context)
{
	(void)context;
	if (class == NULL)
		return printf("%-32s refused: %s\n", name, why->text) < 0 ? -EIO : 0;
	(void)printf("%-32s %-9s", name,
		     class_is_running_vtpm(class) ? "running" : class_life_name(class->life));
	print_bound(class->max);
	print_bound(class->max_states);
	return printf(" %-11s %s\n", class->annotations ? "yes" : "no",
		      class->state_root != NULL ? class->state_root : "-") < 0
		       ? -EIO
		       : 0;
}

int command_class_list(const struct hook_settings *settings, struct error *err)
{
	cleanup_json json_t *all = json_array();
	int r;

	if (!settings->json) {
		(void)printf("%-32s %-9s %7s %7s %-11s %s\n", "CLASS", "LIFE", "MAX", "STATES",
			     "ANNOTATIONS", "STATE ROOT");
		return visit(settings->class_dir, print_row, NULL, err);
	}
	r = visit(settings->class_dir, collect, all, err);
	return r < 0 ? r : output_print(all);
}

/* --- check ----------------------------------------------------------------------------------- */

struct check {
	json_t *findings;
	bool good;
};

static int find(struct check *check, const char *what, const char *kind, const char *text)
{
	json_t *one = json_pack("{s:s, s:s, s:s}", "what", what, "verdict", kind, "text", text);

	return json_array_append_new(check->findings, one) < 0 ? -ENOMEM : 0;
}

static int check_class(const char *name, const struct vtpm_class *class, const struct error *why,
		       void *context)
{
	struct check *check = context;

	if (class == NULL) {
		check->good = false;
		return find(check, name, "wrong", why->text);
	}
	if (!cdi_can_name(name))
		return find(check, name, "good",
			    "but --device cannot name it: the last character is no letter or "
			    "digit");
	return find(check, name, "good", "");
}

static int check_way(const struct way_in *way, void *context)
{
	struct check *check = context;

	if (way->state == WAY_BROKEN)
		check->good = false;
	return find(check, way->path, way_state_name(way->state), way->text);
}

static int print_findings(json_t *findings)
{
	json_t *one;
	size_t i;

	json_array_foreach(findings, i, one)
	{
		const char *text = json_string_value(json_object_get(one, "text"));

		if (printf("%-8s %s%s%s\n", json_string_value(json_object_get(one, "verdict")),
			   json_string_value(json_object_get(one, "what")),
			   text[0] != '\0' ? ": " : "", text) < 0)
			return -EIO;
	}
	return 0;
}

int command_class_check(const struct hook_settings *settings, struct error *err)
{
	cleanup_json json_t *findings = json_array();
	struct check check = { .findings = findings, .good = true };
	const struct ways_to to = { settings->class_dir, settings->conf };
	int r;

	r = visit(settings->class_dir, check_class, &check, err);
	if (r < 0)
		return r;
	r = ways_in_visit(&to, check_way, &check);
	if (r == 0)
		r = settings->json ? output_print(findings) : print_findings(findings);
	if (r < 0)
		return error_set(err, -r, "check the classes");
	return check.good ? 0
			  : error_say(err, EINVAL,
				      "something is wrong with the classes, or the ways "
				      "to them; see above");
}
