/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/config/measure.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "runtime/config/annotations.h"
#include "runtime/config/canonical.h"
#include "runtime/config/entry.h"
#include "runtime/config/members.h"
#include "util/error.h"
#include "util/sha256.h"
#include "verify/log/event.h"

#define PATH_MOST 4096

/* --- events ----------------------------------------------------------------------------------- */

static int add(struct cel_list *list, uint8_t content, uint8_t type, const void *data, size_t len,
	       struct error *err)
{
	const struct cel_event event = { CEL_PCR_CONTAINER, content, type, data, len };
	int r = cel_list_add(list, &event);

	return r < 0 ? error_set(err, -r, "measure the configuration") : 0;
}

static int add_text(struct cel_list *list, uint8_t content, uint8_t type, const char *text,
		    struct error *err)
{
	return add(list, content, type, text, strlen(text), err);
}

/* Calls ADD_ONE for each element of OBJECT's member NAME; OBJECT may be NULL. */
static int for_each(const struct measure_request *request, json_t *object, const char *name,
		    int (*add_one)(const struct measure_request *request, json_t *one,
				   struct cel_list *list, struct error *err),
		    struct cel_list *list, struct error *err)
{
	json_t *all = NULL, *one;
	size_t i;
	int r = object == NULL ? 0 : member_find(object, name, &all, err);

	if (r == 0 && all != NULL && !json_is_array(all))
		return error_say(err, EINVAL, "%s is not an array", name);
	json_array_foreach(all, i, one)
	{
		if (r == 0)
			r = add_one(request, one, list, err);
	}
	return r < 0 ? error_prefix(err, r, "%s", name) : 0;
}

static int add_argument(const struct measure_request *request, json_t *one, struct cel_list *list,
			struct error *err)
{
	(void)request;
	if (!json_is_string(one))
		return error_say(err, EINVAL, "an element is not a string");
	return add(list, CEL_CONTAINER, CEL_ARGUMENT, json_string_value(one),
		   json_string_length(one), err);
}

static bool is_told(json_t *variables, const char *name, size_t len)
{
	json_t *one;
	size_t i;

	json_array_foreach(variables, i, one)
	{
		if (json_string_length(one) == len &&
		    memcmp(json_string_value(one), name, len) == 0)
			return true;
	}
	return false;
}

static int add_variable(const struct measure_request *request, json_t *one, struct cel_list *list,
			struct error *err)
{
	const char *text = json_string_value(one);
	size_t len;

	if (text == NULL)
		return error_say(err, EINVAL, "an element is not a string");
	len = strcspn(text, "=");
	if (text[len] == '=' && is_told(request->variables, text, len))
		return add(list, CEL_CONTAINER, CEL_ENVIRONMENT, text, json_string_length(one),
			   err);
	return add(list, CEL_VTPM, CEL_ENVIRONMENT_NAME, text, len, err);
}

/* --- mounts ----------------------------------------------------------------------------------- */

static bool is_uuid(const char *text, size_t len)
{
	if (len != 36)
		return false;
	for (size_t i = 0; i < len; i++) {
		const bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
			return false;
	}
	return true;
}

static bool is_hex(const char *text, size_t len, size_t least)
{
	for (size_t i = 0; i < len; i++) {
		if (!isxdigit((unsigned char)text[i]))
			return false;
	}
	return len >= least;
}

/* Whether an engine chose this component of a path, so that it differs at the next start. */
static bool is_id(const char *text, size_t len, const char *id, bool behind_one)
{
	return (len == strlen(id) && memcmp(text, id, len) == 0) || is_uuid(text, len) ||
	       is_hex(text, len, behind_one ? 8 : 32);
}

static void mask_ids(const char *path, const char *id, char *ret)
{
	bool behind_one = false;

	while (*path != '\0') {
		size_t len = strcspn(path, "/");

		if (len > 0 && is_id(path, len, id, behind_one)) {
			behind_one = true;
			*ret++ = '*';
		} else {
			memcpy(ret, path, len);
			ret += len;
		}
		path += len;
		if (*path == '/')
			*ret++ = *path++;
	}
	*ret = '\0';
}

static json_t *source_of(const struct measure_request *request, json_t *source)
{
	const char *text = json_string_value(source);
	char masked[PATH_MOST];

	if (text == NULL || text[0] != '/' || strlen(text) >= sizeof(masked))
		return json_incref(source);
	mask_ids(text, request->id, masked);
	return json_string(masked);
}

/* Copies to TO those members of FROM that NAMES (ends with NULL) lists. */
static int pick(json_t *from, const char *const *names, json_t *to, struct error *err)
{
	for (; *names != NULL; names++) {
		json_t *value = NULL;
		int r = member_find(from, *names, &value, err);

		if (r < 0)
			return r;
		if (value != NULL && json_object_set(to, *names, value) < 0)
			return error_set(err, ENOMEM, "measure the configuration");
	}
	return 0;
}

static int add_mount(const struct measure_request *request, json_t *one, struct cel_list *list,
		     struct error *err)
{
	static const char *const names[] = { "destination", "options",     "source", "type",
					     "uidMappings", "gidMappings", NULL };
	cleanup_json json_t *mount = json_object();
	cleanup_free char *text = NULL;
	json_t *source;
	int r = pick(one, names, mount, err);

	source = json_object_get(mount, "source");
	if (r == 0 && source != NULL &&
	    json_object_set_new(mount, "source", source_of(request, source)) < 0)
		r = error_set(err, ENOMEM, "measure the configuration");
	if (r == 0)
		r = canonical_json(mount, &text, err);
	return r < 0 ? r : add_text(list, CEL_VTPM, CEL_MOUNT, text, err);
}

/* --- the rest --------------------------------------------------------------------------------- */

/* Copies to TO the part NAME of the configuration, with those members that NAMES lists. */
static int pick_part(json_t *config, const char *name, const char *const *names, json_t *to,
		     struct error *err)
{
	json_t *part = NULL, *picked;
	int r = member_find(config, name, &part, err);

	if (r < 0 || part == NULL)
		return r;
	picked = json_object();
	if (json_object_set_new(to, name, picked) < 0)
		return error_set(err, ENOMEM, "measure the configuration");
	r = pick(part, names, picked, err);
	return r < 0 ? error_prefix(err, r, "%s", name) : 0;
}

/* Keeps USER:ROLE:TYPE of a label; the level differs for each container. */
static int cut_label(json_t *process, struct error *err)
{
	const char *label = json_string_value(json_object_get(process, "selinuxLabel"));
	size_t len = 0;

	if (label == NULL)
		return 0;
	for (int colons = 0; label[len] != '\0'; len++) {
		if (label[len] == ':' && ++colons == 3)
			break;
	}
	if (json_object_set_new(process, "selinuxLabel", json_stringn(label, len)) < 0)
		return error_set(err, ENOMEM, "measure the configuration");
	return 0;
}

/* Keeps the types, and which are joined; a path would differ at each start. */
static int cut_namespaces(json_t *linux_part, struct error *err)
{
	json_t *all = json_object_get(linux_part, "namespaces"), *one, *cut = json_array();
	size_t i;
	int r = cut == NULL ? -ENOMEM : 0;

	json_array_foreach(all, i, one)
	{
		json_t *type = NULL, *path = NULL, *entry = json_object();

		if (r == 0)
			r = member_find(one, "type", &type, NULL);
		if (r == 0)
			r = member_find(one, "path", &path, NULL);
		if (r == 0 && type != NULL && json_object_set(entry, "type", type) < 0)
			r = -ENOMEM;
		if (r == 0 && path != NULL && json_object_set_new(entry, "joined", json_true()) < 0)
			r = -ENOMEM;
		if (json_array_append_new(cut, entry) < 0)
			r = -ENOMEM;
	}
	if (all == NULL)
		json_decref(cut);
	else if (json_object_set_new(linux_part, "namespaces", cut) < 0)
		r = -ENOMEM;
	return r < 0 ? error_set(err, -r, "measure the namespaces") : 0;
}

static bool is_ours(const struct measure_request *request, json_t *device)
{
	json_t *path = NULL;

	if (member_find(device, "path", &path, NULL) < 0 || !json_is_string(path))
		return false;
	for (size_t i = 0; i < request->count; i++) {
		for (size_t j = 0; j < request->entries[i].node_count; j++) {
			if (strcmp(request->entries[i].paths[j], json_string_value(path)) == 0)
				return true;
		}
	}
	return false;
}

/* Removes our nodes: only some of the ways in list them here. */
static int cut_devices(const struct measure_request *request, json_t *linux_part, struct error *err)
{
	json_t *all = json_object_get(linux_part, "devices"), *one, *cut;
	size_t i;
	int r = 0;

	if (all == NULL)
		return 0;
	cut = json_array();
	json_array_foreach(all, i, one)
	{
		if (!is_ours(request, one) && json_array_append(cut, one) < 0)
			r = -ENOMEM;
	}
	if (json_array_size(cut) == 0) {
		json_decref(cut);
		(void)json_object_del(linux_part, "devices");
	} else if (json_object_set_new(linux_part, "devices", cut) < 0) {
		r = -ENOMEM;
	}
	return r < 0 ? error_set(err, -r, "measure the devices") : 0;
}

static int pick_all(const struct measure_request *request, json_t *to, struct error *err)
{
	static const char *const process[] = { "user",
					       "cwd",
					       "terminal",
					       "capabilities",
					       "noNewPrivileges",
					       "apparmorProfile",
					       "selinuxLabel",
					       "rlimits",
					       "oomScoreAdj",
					       "scheduler",
					       "ioPriority",
					       NULL };
	static const char *const root[] = { "readonly", NULL };
	static const char *const linux_part[] = {
		"uidMappings", "gidMappings",   "sysctl",      "seccomp", "rootfsPropagation",
		"maskedPaths", "readonlyPaths", "personality", "devices", "namespaces",
		NULL
	};
	int r = pick_part(request->config, "process", process, to, err);

	if (r == 0)
		r = pick_part(request->config, "root", root, to, err);
	if (r == 0)
		r = pick_part(request->config, "linux", linux_part, to, err);
	if (r == 0)
		r = cut_label(json_object_get(to, "process"), err);
	if (r == 0)
		r = cut_namespaces(json_object_get(to, "linux"), err);
	return r < 0 ? r : cut_devices(request, json_object_get(to, "linux"), err);
}

static int add_rest(const struct measure_request *request, struct cel_list *list, struct error *err)
{
	cleanup_json json_t *rest = json_object();
	cleanup_free char *text = NULL;
	uint8_t digest[SHA256_SIZE];
	int r = pick_all(request, rest, err);

	if (r == 0)
		r = canonical_json(rest, &text, err);
	if (r < 0)
		return r;
	sha256_of(text, strlen(text), digest);
	return add(list, CEL_VTPM, CEL_CONFIG, digest, sizeof(digest), err);
}

int measure_config(const struct measure_request *request, struct cel_list *list, struct error *err)
{
	json_t *process = NULL;
	int r = member_find(request->config, "process", &process, err);

	if (r == 0)
		r = for_each(request, process, "args", add_argument, list, err);
	if (r == 0)
		r = for_each(request, process, "env", add_variable, list, err);
	if (r == 0)
		r = for_each(request, request->config, "mounts", add_mount, list, err);
	return r < 0 ? r : add_rest(request, list, err);
}

/* --- the image -------------------------------------------------------------------------------- */

#define DIGITS 64

/* Returns what follows "@sha256:" in a name that ends with a digest, otherwise NULL. */
static const char *digest_in(const char *name)
{
	const char *at = name == NULL ? NULL : strrchr(name, '@');

	if (at == NULL || strncmp(at, "@sha256:", 8) != 0 || strlen(at) != 8 + DIGITS)
		return NULL;
	return is_hex(at + 8, DIGITS, DIGITS) ? at + 8 : NULL;
}

static int add_sha256(struct cel_list *list, uint8_t type, const char *digits, struct error *err)
{
	char text[sizeof("sha256:") + DIGITS];

	(void)snprintf(text, sizeof(text), "sha256:%s", digits);
	return add_text(list, CEL_CONTAINER, type, text, err);
}

int measure_image(const struct image_names *names, struct cel_list *list, struct error *err)
{
	const char *digest = digest_in(names->ref), *id = names->ref;
	int r = 0;

	if (digest == NULL)
		digest = digest_in(names->reference);
	if (names->reference != NULL && names->reference[0] != '\0')
		r = add_text(list, CEL_CONTAINER, CEL_IMAGE_REFERENCE, names->reference, err);
	if (r == 0 && digest != NULL)
		r = add_sha256(list, CEL_IMAGE_DIGEST, digest, err);
	if (r == 0 && id != NULL && strlen(id) == DIGITS && is_hex(id, DIGITS, DIGITS))
		r = add_sha256(list, CEL_IMAGE_ID, id, err);
	return r;
}
