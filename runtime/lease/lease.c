/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/lease/lease.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "runtime/config/members.h"
#include "util/error.h"

/* One member of the file; the tables below describe both directions. */
enum kind {
	TEXT,
	LATER_TEXT, /* missing when it is empty, as in leases of older versions */
	TEXT_PATH,
	BOOL,
	U32,
	LATER_U32, /* missing when it is 0, as in leases of older versions */
	FLAG,      /* missing when it is false, as in leases of older versions */
	PROCESS,
	FILE_ID,   /* missing when it is not known, as in leases of older versions */
	RESOURCES, /* missing when they say nothing, as in leases of older versions */
};

struct part {
	const char *name;
	enum kind kind;
	size_t offset, size;
};

#define PART(type, member, kind_, name_)                                                        \
	{                                                                                       \
		name_, kind_, offsetof(struct type, member), sizeof(((struct type *)0)->member) \
	}

static const struct part lease_parts[] = {
	PART(lease, id, TEXT, "id"),
	PART(lease, hash, TEXT, "hash"),
	PART(lease, part, LATER_TEXT, "part"),
	PART(lease, nonce, LATER_TEXT, "nonce"),
	PART(lease, bundle, TEXT_PATH, "bundle"),
	PART(lease, rootfs, TEXT_PATH, "rootfs"),
	PART(lease, state_dir, TEXT_PATH, "stateDir"),
	PART(lease, freezer, TEXT_PATH, "freezer"),
	PART(lease, device_group, TEXT_PATH, "deviceGroup"),
	PART(lease, device_mount, TEXT_PATH, "deviceMount"),
	PART(lease, ended, FLAG, "ended"),
	PART(lease, forgets_rules, FLAG, "forgetsRules"),
	PART(lease, attached, FLAG, "attached"),
	PART(lease, worker, PROCESS, "worker"),
	PART(lease, init, PROCESS, "init"),
	{ NULL, TEXT, 0, 0 },
};

static const struct part vtpm_parts[] = {
	PART(lease_vtpm, nodes[0].name, TEXT, "name"),
	PART(lease_vtpm, nodes[1].name, TEXT, "twin"),
	PART(lease_vtpm, nodes[0].path, TEXT_PATH, "path"),
	PART(lease_vtpm, nodes[1].path, TEXT_PATH, "twinPath"),
	PART(lease_vtpm, state_path, TEXT_PATH, "statePath"),
	PART(lease_vtpm, state_id, FILE_ID, "stateId"),
	PART(lease_vtpm, cgroup, TEXT_PATH, "cgroup"),
	PART(lease_vtpm, created, BOOL, "created"),
	PART(lease_vtpm, managed, BOOL, "managed"),
	PART(lease_vtpm, detached, FLAG, "detached"),
	PART(lease_vtpm, launches, LATER_U32, "launches"),
	PART(lease_vtpm, major, U32, "major"),
	PART(lease_vtpm, nodes[0].minor, U32, "minor"),
	PART(lease_vtpm, nodes[1].minor, U32, "twinMinor"),
	PART(lease_vtpm, nodes[0].point, FILE_ID, "point"),
	PART(lease_vtpm, nodes[0].alias_point, FILE_ID, "aliasPoint"),
	PART(lease_vtpm, nodes[1].point, FILE_ID, "twinPoint"),
	PART(lease_vtpm, nodes[1].alias_point, FILE_ID, "twinAliasPoint"),
	PART(lease_vtpm, server, PROCESS, "server"),
	PART(lease_vtpm, claim.class, LATER_TEXT, "class"),
	PART(lease_vtpm, claim.device, LATER_TEXT, "classDevice"),
	PART(lease_vtpm, claim.owner, LATER_TEXT, "owner"),
	PART(lease_vtpm, resources, RESOURCES, "resources"),
	{ NULL, TEXT, 0, 0 },
};

bool lease_vtpm_is_ours(const struct lease_vtpm *vtpm)
{
	return vtpm->nodes[0].name[0] != '\0';
}

bool lease_is_open(const struct lease *lease)
{
	return strcmp(lease->part, LEASE_OPEN) == 0 && lease->init.pid == 0;
}

int lease_new(size_t count, struct lease **ret)
{
	struct lease *lease = calloc(1, sizeof(*lease) + count * sizeof(lease->vtpms[0]));

	if (lease == NULL)
		return -ENOMEM;
	lease->count = count;
	*ret = lease;
	return 0;
}

int lease_copy_one(const struct lease *lease, size_t i, struct lease **ret)
{
	struct lease *copy;

	if (lease_new(1, &copy) < 0)
		return -ENOMEM;
	memcpy(copy, lease, sizeof(*copy));
	copy->count = 1;
	copy->vtpms[0] = lease->vtpms[i];
	*ret = copy;
	return 0;
}

bool lease_has_number(const struct lease *lease, uint32_t major, uint32_t minor)
{
	for (size_t i = 0; i < lease->count; i++) {
		const struct lease_vtpm *vtpm = &lease->vtpms[i];

		for (size_t j = 0; j < vtpm->node_count; j++) {
			if (vtpm->major == major && vtpm->nodes[j].minor == minor)
				return true;
		}
	}
	return false;
}

size_t lease_numbers(const struct lease *lease, struct device_number *ret)
{
	size_t count = 0;

	for (size_t i = 0; i < lease->count; i++) {
		const struct lease_vtpm *vtpm = &lease->vtpms[i];

		for (size_t j = 0; j < vtpm->node_count; j++)
			ret[count++] = (struct device_number){ vtpm->major, vtpm->nodes[j].minor };
	}
	return count;
}

/* A name must be one component, a path absolute: both are used to remove things. */
static bool text_is_good(enum kind kind, const char *text)
{
	if (text[0] == '\0')
		return true;
	if (kind == TEXT_PATH)
		return text[0] == '/';
	return text[0] != '.' && strchr(text, '/') == NULL;
}

/* Nodes are removed from a container's /dev by these names. */
static bool is_in_dev(const char *path)
{
	return strncmp(path, "/dev/", 5) == 0 && text_is_good(TEXT, path + 5);
}

static int read_process(json_t *value, struct process *process)
{
	json_t *pid = json_object_get(value, "pid"), *start = json_object_get(value, "start");

	if (!json_is_integer(pid) || !json_is_integer(start) || json_integer_value(pid) < 0 ||
	    json_integer_value(pid) > INT32_MAX || json_integer_value(start) < 0)
		return -EINVAL;
	process->pid = (pid_t)json_integer_value(pid);
	process->start = (uint64_t)json_integer_value(start);
	return 0;
}

/* 64 bits without a sign, which JSON's integers do not have. */
static int read_file_id(json_t *value, struct file_id *id)
{
	json_t *dev = json_object_get(value, "dev"), *ino = json_object_get(value, "ino");

	if (value == NULL)
		return 0;
	if (!json_is_integer(dev) || !json_is_integer(ino))
		return -EINVAL;
	id->dev = (uint64_t)json_integer_value(dev);
	id->ino = (uint64_t)json_integer_value(ino);
	return 0;
}

static int read_text(const struct part *part, json_t *value, char *field)
{
	if (!json_is_string(value) || json_string_length(value) >= part->size ||
	    !text_is_good(part->kind, json_string_value(value)))
		return -EINVAL;
	(void)strcpy(field, json_string_value(value));
	return 0;
}

static int read_resources(const struct part *part, json_t *value, void *field)
{
	const struct member_spec spec = { .name = part->name };

	return value == NULL ? 0 : member_resources(&spec, value, field, NULL);
}

static int read_part(const struct part *part, json_t *value, void *field)
{
	switch (part->kind) {
	case LATER_TEXT:
		if (value == NULL)
			return 0;
		return read_text(part, value, field);
	case TEXT:
	case TEXT_PATH:
		return read_text(part, value, field);
	case FLAG:
	case BOOL:
		if (part->kind == FLAG && value == NULL)
			return 0;
		if (!json_is_boolean(value))
			return -EINVAL;
		*(bool *)field = json_is_true(value);
		return 0;
	case LATER_U32:
	case U32:
		if (part->kind == LATER_U32 && value == NULL)
			return 0;
		if (!json_is_integer(value) || json_integer_value(value) < 0 ||
		    json_integer_value(value) > UINT32_MAX)
			return -EINVAL;
		*(uint32_t *)field = (uint32_t)json_integer_value(value);
		return 0;
	case FILE_ID:
		return read_file_id(value, field);
	case RESOURCES:
		return read_resources(part, value, field);
	default:
		return read_process(value, field);
	}
}

static int read_parts(json_t *object, const struct part *parts, void *to, struct error *err)
{
	for (; parts->name != NULL; parts++) {
		json_t *value = json_object_get(object, parts->name);

		if (read_part(parts, value, (char *)to + parts->offset) < 0)
			return error_say(err, EINVAL, "%s is missing or wrong", parts->name);
	}
	return 0;
}

static int read_vtpm(json_t *json, struct lease_vtpm *vtpm, struct error *err)
{
	int r = read_parts(json, vtpm_parts, vtpm, err);

	if (r < 0)
		return r;
	vtpm->node_count = vtpm->nodes[1].path[0] != '\0' ? 2 : 1;
	for (size_t i = 0; i < vtpm->node_count; i++) {
		if (!is_in_dev(vtpm->nodes[i].path))
			return error_say(err, EINVAL, "path or twinPath is not in /dev");
	}
	return 0;
}

int lease_parse(const char *text, size_t len, struct lease **ret, struct error *err)
{
	cleanup_free struct lease *lease = NULL;
	cleanup_json json_t *json = NULL;
	json_t *vtpms;
	int r;

	r = object_parse(text, len, &json, err);
	if (r < 0)
		return r;
	vtpms = json_object_get(json, "vtpms");
	if (!json_is_array(vtpms) || json_array_size(vtpms) > LEASE_VTPMS_MAX)
		return error_say(err, EINVAL, "vtpms is missing or wrong");
	if (lease_new(json_array_size(vtpms), &lease) < 0)
		return error_set(err, ENOMEM, "read the lease");
	r = read_parts(json, lease_parts, lease, err);
	for (size_t i = 0; r == 0 && i < lease->count; i++)
		r = read_vtpm(json_array_get(vtpms, i), &lease->vtpms[i], err);
	if (r < 0)
		return r;
	if (lease->id[0] == '\0' || lease->hash[0] == '\0')
		return error_say(err, EINVAL, "id or hash is empty");
	*ret = take_ptr(lease);
	return 0;
}

static json_t *format_part(enum kind kind, const void *field)
{
	const struct process *process = field;
	const struct file_id *id = field;

	switch (kind) {
	case TEXT:
	case LATER_TEXT:
	case TEXT_PATH:
		return json_string(field);
	case FLAG:
	case BOOL:
		return json_boolean(*(const bool *)field);
	case U32:
	case LATER_U32:
		return json_integer(*(const uint32_t *)field);
	case FILE_ID:
		return json_pack("{s:I, s:I}", "dev", (json_int_t)id->dev, "ino",
				 (json_int_t)id->ino);
	case RESOURCES:
		return resources_format(field);
	default:
		return json_pack("{s:i, s:I}", "pid", process->pid, "start",
				 (json_int_t)process->start);
	}
}

static bool is_missing(enum kind kind, const void *field)
{
	switch (kind) {
	case FILE_ID:
		return !file_id_known(field);
	case LATER_TEXT:
		return *(const char *)field == '\0';
	case LATER_U32:
		return *(const uint32_t *)field == 0;
	case FLAG:
		return !*(const bool *)field;
	case RESOURCES:
		return !resources_are_any(field);
	default:
		return false;
	}
}

static json_t *format_parts(const struct part *parts, const void *from)
{
	cleanup_json json_t *object = json_object();

	for (; parts->name != NULL; parts++) {
		const void *field = (const char *)from + parts->offset;
		json_t *value;

		if (is_missing(parts->kind, field))
			continue;
		value = format_part(parts->kind, field);
		if (json_object_set_new(object, parts->name, value) < 0)
			return NULL;
	}
	return take_ptr(object);
}

int lease_format(const struct lease *lease, char **ret)
{
	cleanup_json json_t *json = format_parts(lease_parts, lease);
	json_t *vtpms = json_array();

	if (json_object_set_new(json, "vtpms", vtpms) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < lease->count; i++) {
		if (json_array_append_new(vtpms, format_parts(vtpm_parts, &lease->vtpms[i])) < 0)
			return -ENOMEM;
	}
	*ret = json_dumps(json, JSON_INDENT(2));
	return *ret != NULL ? 0 : -ENOMEM;
}
