/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/config/class.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

#include "runtime/config/admin.h"
#include "runtime/config/members.h"
#include "runtime/config/patterns.h"
#include "runtime/config/entry.h"
#include "util/error.h"
#include "util/secret_source.h"

#define MEMORY "memory:"
#define MANY (1 << 20)

#define FIELD(name) offsetof(struct vtpm_class, name)

static const char *const lives[] = {
	[LIFE_RUN] = "run",
	[LIFE_CONTAINER] = "container",
	[LIFE_NAMED] = "named",
};

const char *class_life_name(enum class_life life)
{
	return lives[life];
}

static int member_life(const struct member_spec *spec, json_t *value, void *field,
		       struct error *err)
{
	for (size_t i = 0; json_is_string(value) && i < sizeof(lives) / sizeof(lives[0]); i++) {
		if (strcmp(json_string_value(value), lives[i]) != 0)
			continue;
		*(enum class_life *)field = (enum class_life)i;
		return 0;
	}
	return error_say(err, EINVAL, "%s is none of \"run\", \"container\" and \"named\"",
			 spec->name);
}

static int member_per(const struct member_spec *spec, json_t *value, void *field, struct error *err)
{
	if (!json_is_string(value) || strcmp(json_string_value(value), "namespace") != 0)
		return error_say(err, EINVAL, "%s can only be \"namespace\"", spec->name);
	*(bool *)field = true;
	return 0;
}

static const struct member_spec members[] = {
	{ "stateRoot", member_string, FIELD(state_root), 0, PATH_MAX / 2 },
	{ "life", member_life, FIELD(life), 0, 0 },
	{ "max", member_int, FIELD(max), 1, MANY },
	{ "maxStates", member_int, FIELD(max_states), 1, MANY },
	{ "per", member_per, FIELD(per_namespace), 0, 0 },
	{ "annotations", member_bool, FIELD(annotations), 0, 0 },
	{ "names", member_bool, FIELD(names), 0, 0 },
	{ "namespaces", member_patterns, FIELD(name_spaces), 0, 0 },
	{ "roots", member_patterns, FIELD(roots), 0, 0 },
	{ NULL, NULL, 0, 0, 0 },
};

/* Members that differ for each container, so that a class cannot set them. */
static const char *const not_offered[] = { "vtpmName",  "statePath", "statePathIsManaged",
					   "vtpmMajor", "vtpmMinor", "containerPath" };

static bool is_class_member(const char *key)
{
	for (size_t i = 0; members[i].name != NULL; i++) {
		if (strcasecmp(members[i].name, key) == 0)
			return true;
	}
	return false;
}

static int check_offered(const char *key, struct error *err)
{
	for (size_t i = 0; i < sizeof(not_offered) / sizeof(not_offered[0]); i++) {
		if (strcasecmp(not_offered[i], key) == 0)
			return error_say(err, EINVAL, "%s is not a class's to say", not_offered[i]);
	}
	return 0;
}

/* Separates the class's own members from those of its entries. */
static int split(json_t *json, json_t *own, json_t *entry, struct error *err)
{
	json_t *value;
	const char *key;

	json_object_foreach(json, key, value)
	{
		int r = check_offered(key, err);

		if (r < 0)
			return r;
		if (json_is_null(value))
			continue;
		if (json_object_set(is_class_member(key) ? own : entry, key, value) < 0)
			return error_set(err, ENOMEM, "read a class");
	}
	return 0;
}

static const char *sample_path(const struct vtpm_class *class)
{
	if (class_is_running_vtpm(class))
		return NULL;
	return class_is_in_memory(class) ? MEMORY : "/";
}

/* Checks the entry that this class would produce. */
static int check_entry(const struct vtpm_class *class, struct error *err)
{
	static const struct admin_config admin = { .resource_manager = true };
	cleanup_json json_t *sample = NULL;
	struct vtpm_entry entry;

	sample = class_entry(class, "0", sample_path(class), 0, 0);
	if (sample == NULL)
		return error_set(err, ENOMEM, "read a class");
	return vtpm_entry_parse(sample, &admin, &entry, err);
}

/* The vTPM already runs, so the class cannot say how to make, keep or count it. */
static int check_running_vtpm(const struct vtpm_class *class, struct error *err)
{
	json_t *other = NULL;
	int r;

	if (class->state_root != NULL || class->life != LIFE_RUN || class->names ||
	    class->max_states > 0)
		return error_say(err, EINVAL,
				 "hostPath is a vTPM that runs: stateRoot, life, names and "
				 "maxStates have no use");
	r = member_find(class->entry, "resourceManager", &other, err);
	if (r == 0 && other == NULL)
		r = member_find(class->entry, "caDir", &other, err);
	if (r == 0 && other != NULL)
		return error_say(err, EINVAL,
				 "hostPath is a vTPM that runs: resourceManager and caDir have no "
				 "use");
	return r;
}

static int check_state_root(const struct vtpm_class *class, struct error *err)
{
	const char *root = class->state_root;

	if (root == NULL)
		return error_say(err, EINVAL, "stateRoot is missing");
	if (strcmp(root, MEMORY) == 0 && class->life != LIFE_RUN)
		return error_say(err, EINVAL, "life \"%s\" needs a stateRoot other than " MEMORY,
				 class_life_name(class->life));
	if (strcmp(root, MEMORY) == 0 || root[0] == '/')
		return 0;
	return error_say(err, EINVAL, "stateRoot is neither an absolute path nor " MEMORY);
}

/*
 * Some engines let images write annotations, so a class that annotations may choose must be
 * harmless. Namespaces are trusted only from Kubernetes' engines, where the pod's author writes the
 * annotations and owns the states of the namespace.
 */
static int check_annotations(const struct vtpm_class *class, struct error *err)
{
	const bool harmless = class->life == LIFE_RUN ||
			      (class->life == LIFE_NAMED && class->name_spaces != NULL);

	if (!class->annotations || (harmless && class->max > 0))
		return 0;
	return error_say(err, EINVAL,
			 "images can write annotations: with annotations, max must be given and "
			 "life be \"run\", or \"named\" with namespaces");
}

static int check(const struct vtpm_class *class, struct error *err)
{
	int r;

	r = class_is_running_vtpm(class) ? check_running_vtpm(class, err)
					 : check_state_root(class, err);
	if (r == 0)
		r = check_entry(class, err);
	if (r < 0)
		return r;
	if (class->names && class->life != LIFE_NAMED)
		return error_say(err, EINVAL, "names has a use with life \"named\" alone");
	if (class->max_states > 0 && class->life == LIFE_RUN)
		return error_say(err, EINVAL, "maxStates has no use with life \"run\"");
	return check_annotations(class, err);
}

static int read_class(struct vtpm_class *class, struct error *err)
{
	cleanup_json json_t *own = json_object();
	int r;

	class->entry = json_object();
	if (own == NULL || class->entry == NULL)
		return error_set(err, ENOMEM, "read a class");
	r = split(class->json, own, class->entry, err);
	if (r == 0)
		r = members_read(own, members, class, err);
	if (r == 0)
		r = check(class, err);
	if (r == 0 && class->life != LIFE_RUN && class->max_states == 0)
		class->max_states = 4 * class->max;
	return r;
}

int class_parse(const char *name, const char *text, size_t len, struct vtpm_class *ret,
		struct error *err)
{
	struct vtpm_class class = { .life = LIFE_RUN };
	int r;

	if (!class_name_is_valid(name))
		return error_say(err, EINVAL, "'%.64s' is not a class's name", name);
	(void)strcpy(class.name, name);
	sha256_of(text, len, class.digest);
	r = object_parse(text, len, &class.json, err);
	if (r == 0)
		r = read_class(&class, err);
	if (r < 0) {
		class_done(&class);
		return r;
	}
	*ret = class;
	return 0;
}

void class_done(struct vtpm_class *class)
{
	json_decref(class->entry);
	json_decref(class->json);
	class->entry = class->json = NULL;
}

static const char *entry_text(const struct vtpm_class *class, const char *name)
{
	json_t *value = NULL;

	return member_find(class->entry, name, &value, NULL) == 0 ? json_string_value(value) : NULL;
}

bool class_has_password(const struct vtpm_class *class)
{
	const char *value, *password = entry_text(class, "encryptionPassword");

	return password != NULL && secret_source(password, &value) == SECRET_ITSELF;
}

bool class_is_running_vtpm(const struct vtpm_class *class)
{
	json_t *value = NULL;

	return member_find(class->entry, "hostPath", &value, NULL) < 0 || value != NULL;
}

bool class_is_in_memory(const struct vtpm_class *class)
{
	return class->state_root != NULL && strcmp(class->state_root, MEMORY) == 0;
}

int class_admits(const struct vtpm_class *class, const struct class_asker *asker, struct error *err)
{
	const char *name = class->name;

	if (asker->by_annotation && !class->annotations)
		return error_say(err, EACCES, "class %s: annotations may not choose it", name);
	if (class->roots != NULL && !patterns_match(class->roots, asker->root))
		return error_say(err, EACCES, "class %s: roots has not the runtime's root %.128s",
				 name, asker->root);
	if (class->name_spaces != NULL && asker->name_space == NULL)
		return error_say(err, EACCES,
				 "class %s: it is for some namespaces, and the container's is not "
				 "known",
				 name);
	if (class->name_spaces != NULL && !patterns_match(class->name_spaces, asker->name_space))
		return error_say(err, EACCES, "class %s: namespaces has not %.64s", name,
				 asker->name_space);
	if (class->life == LIFE_NAMED && asker->state_name != NULL && !class->names)
		return error_say(err, EACCES, "class %s: users may not name its states", name);
	return 0;
}

static int set_missing(json_t *entry, const char *name, json_t *value)
{
	json_t *there = NULL;

	if (member_find(entry, name, &there, NULL) < 0 || there != NULL) {
		json_decref(value);
		return 0;
	}
	return json_object_set_new(entry, name, value);
}

json_t *class_entry(const struct vtpm_class *class, const char *device, const char *state_path,
		    uint32_t uid, uint32_t gid)
{
	cleanup_json json_t *entry = json_copy(class->entry);

	if (entry == NULL || json_object_set_new(entry, "vtpmName", json_string(device)) < 0 ||
	    (state_path != NULL &&
	     json_object_set_new(entry, "statePath", json_string(state_path)) < 0))
		return NULL;
	/*
	 * The state of a run ends with it; other states are kept, and only the class removes them.
	 */
	if (class->life != LIFE_RUN &&
	    json_object_set_new(entry, "statePathIsManaged", json_true()) < 0)
		return NULL;
	if (set_missing(entry, "uid", json_integer(uid)) < 0 ||
	    set_missing(entry, "gid", json_integer(gid)) < 0)
		return NULL;
	return take_ptr(entry);
}
