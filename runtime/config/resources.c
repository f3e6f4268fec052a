/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/config/resources.h"

#include <errno.h>
#include <stddef.h>

#include "util/cleanup.h"
#include "util/error.h"

/* The kernel accepts no lower quota. */
#define QUOTA_LEAST 1000
#define PERIOD_USUAL 100000

/* A TPM needs this much of both: below, the kernel could end the server, and its PCRs are lost. */
#define MEMORY_LEAST (INT64_C(16) << 20)
#define PROCESSES_LEAST 8

#define NUMBER_MOST (INT64_C(1) << 43)
#define DEVICE_NUMBER_MOST ((1 << 20) - 1)

#define FIELD(name) offsetof(struct resources, name)

/* Groups of members in OCI's linux.resources. */
enum group { CPU, MEMORY, PIDS, BLOCK_IO, GROUPS };

static const char *const group_names[GROUPS] = { "cpu", "memory", "pids", "blockIO" };

static const struct member_spec cpu_members[] = {
	{ "shares", member_int, FIELD(shares), 2, 262144 },
	{ "quota", member_int, FIELD(quota), -1, NUMBER_MOST },
	{ "period", member_int, FIELD(period), QUOTA_LEAST, 1000000 },
	{ NULL, NULL, 0, 0, 0 },
};

static const struct member_spec memory_members[] = {
	{ "limit", member_int, FIELD(memory), MEMORY_LEAST, NUMBER_MOST },
	{ NULL, NULL, 0, 0, 0 },
};

static const struct member_spec pids_members[] = {
	{ "limit", member_int, FIELD(processes), PROCESSES_LEAST, 1 << 22 },
	{ NULL, NULL, 0, 0, 0 },
};

/* In the order of the limits of a struct io_limit. */
#define THROTTLE_RBPS "throttleReadBpsDevice"
#define THROTTLE_WBPS "throttleWriteBpsDevice"
#define THROTTLE_RIOPS "throttleReadIOPSDevice"
#define THROTTLE_WIOPS "throttleWriteIOPSDevice"

static const char *const throttle_names[IO_LIMITS] = { THROTTLE_RBPS, THROTTLE_WBPS, THROTTLE_RIOPS,
						       THROTTLE_WIOPS };

struct throttle {
	int64_t major, minor, rate;
};

static int read_throttle(json_t *value, struct throttle *ret, struct error *err)
{
	static const struct member_spec members[] = {
		{ "major", member_int, offsetof(struct throttle, major), 0, 4095 },
		{ "minor", member_int, offsetof(struct throttle, minor), 0, DEVICE_NUMBER_MOST },
		{ "rate", member_int, offsetof(struct throttle, rate), 1, NUMBER_MOST },
		{ NULL, NULL, 0, 0, 0 },
	};
	int r;

	*ret = (struct throttle){ -1, -1, -1 };
	r = members_read(value, members, ret, err);
	if (r == 0 && (ret->major < 0 || ret->minor < 0 || ret->rate < 0))
		return error_say(err, EINVAL, "major, minor or rate is missing");
	return r;
}

static int read_throttles(json_t *array, size_t which, struct io_limits *io, struct error *err)
{
	json_t *value;
	size_t i;

	if (!json_is_array(array))
		return error_say(err, EINVAL, "not an array");
	json_array_foreach(array, i, value)
	{
		struct throttle throttle;
		int r = read_throttle(value, &throttle, err);

		if (r < 0)
			return r;
		r = io_limits_set(io, (unsigned int)throttle.major, (unsigned int)throttle.minor,
				  which, (uint64_t)throttle.rate);
		if (r < 0)
			return error_say(err, EINVAL, "more than %d disks", IO_DEVICES_MOST);
	}
	return 0;
}

static int member_throttles(const struct member_spec *spec, json_t *value, void *field,
			    struct error *err)
{
	int r = read_throttles(value, (size_t)spec->least, field, err);

	return r < 0 ? error_prefix(err, r, "%s", spec->name) : 0;
}

static const struct member_spec block_io_members[] = {
	{ "weight", member_int, FIELD(weight), 10, 1000 },
	{ THROTTLE_RBPS, member_throttles, FIELD(io), 0, 0 },
	{ THROTTLE_WBPS, member_throttles, FIELD(io), 1, 0 },
	{ THROTTLE_RIOPS, member_throttles, FIELD(io), 2, 0 },
	{ THROTTLE_WIOPS, member_throttles, FIELD(io), 3, 0 },
	{ NULL, NULL, 0, 0, 0 },
};

static int member_group(const struct member_spec *spec, json_t *value, void *field,
			struct error *err)
{
	static const struct member_spec *const groups[GROUPS] = { cpu_members, memory_members,
								  pids_members, block_io_members };
	int r = members_read(value, groups[spec->least], field, err);

	return r < 0 ? error_prefix(err, r, "%s", spec->name) : 0;
}

static const struct member_spec members[] = {
	{ "cpu", member_group, 0, CPU, 0 },
	{ "memory", member_group, 0, MEMORY, 0 },
	{ "pids", member_group, 0, PIDS, 0 },
	{ "blockIO", member_group, 0, BLOCK_IO, 0 },
	{ NULL, NULL, 0, 0, 0 },
};

static int check(struct resources *resources, struct error *err)
{
	if (resources->period != 0 && resources->quota == 0)
		return error_say(err, EINVAL, "cpu: period is given without quota");
	if (resources->quota > 0 && resources->quota < QUOTA_LEAST)
		return error_say(err, EINVAL, "cpu: quota is neither -1 nor at least %d",
				 QUOTA_LEAST);
	if (resources->quota != 0 && resources->period == 0)
		resources->period = PERIOD_USUAL;
	return 0;
}

int member_resources(const struct member_spec *spec, json_t *value, void *field, struct error *err)
{
	struct resources resources = { 0 };
	int r = members_read(value, members, &resources, err);

	if (r == 0)
		r = check(&resources, err);
	if (r < 0)
		return error_prefix(err, r, "%s", spec->name);
	*(struct resources *)field = resources;
	return 0;
}

bool resources_are_any(const struct resources *resources)
{
	return resources->shares != 0 || resources->quota != 0 || resources->memory != 0 ||
	       resources->processes != 0 || resources->weight != 0 || resources->io.count != 0;
}

static void fill(int64_t *number, int64_t with)
{
	if (*number == 0)
		*number = with;
}

void resources_default(struct resources *resources, const struct resources *defaults)
{
	if (resources->quota == 0)
		resources->period = defaults->period;
	fill(&resources->quota, defaults->quota);
	fill(&resources->shares, defaults->shares);
	fill(&resources->memory, defaults->memory);
	fill(&resources->processes, defaults->processes);
	fill(&resources->weight, defaults->weight);
	if (resources->io.count == 0)
		resources->io = defaults->io;
}

/* --- and back -------------------------------------------------------------------------------- */

static int put_number(json_t *group, const char *name, int64_t number)
{
	return number == 0 ? 0 : json_object_set_new(group, name, json_integer(number));
}

static int put_group(json_t *object, enum group which, json_t *group)
{
	if (json_object_size(group) > 0)
		return json_object_set_new(object, group_names[which], group);
	json_decref(group);
	return group != NULL ? 0 : -1;
}

static json_t *format_throttles(const struct io_limits *io, size_t which)
{
	json_t *array = json_array();

	for (size_t i = 0; i < io->count; i++) {
		const struct io_limit *limit = &io->devices[i];

		if (limit->most[which] == UINT64_MAX)
			continue;
		(void)json_array_append_new(array,
					    json_pack("{s:i, s:i, s:I}", "major", (int)limit->major,
						      "minor", (int)limit->minor, "rate",
						      (json_int_t)limit->most[which]));
	}
	return array;
}

static json_t *format_block_io(const struct resources *resources)
{
	cleanup_json json_t *group = json_object();
	int r = put_number(group, "weight", resources->weight);

	for (size_t i = 0; r == 0 && i < IO_LIMITS; i++) {
		json_t *array = format_throttles(&resources->io, i);

		if (json_array_size(array) > 0)
			r = json_object_set_new(group, throttle_names[i], array);
		else
			json_decref(array);
	}
	return r == 0 ? take_ptr(group) : NULL;
}

static json_t *format_cpu(const struct resources *resources)
{
	cleanup_json json_t *group = json_object();

	if (put_number(group, "shares", resources->shares) < 0 ||
	    put_number(group, "quota", resources->quota) < 0 ||
	    put_number(group, "period", resources->period) < 0)
		return NULL;
	return take_ptr(group);
}

static json_t *format_limit(int64_t limit)
{
	cleanup_json json_t *group = json_object();

	return put_number(group, "limit", limit) == 0 ? take_ptr(group) : NULL;
}

json_t *resources_format(const struct resources *resources)
{
	cleanup_json json_t *object = json_object();

	if (put_group(object, CPU, format_cpu(resources)) < 0 ||
	    put_group(object, MEMORY, format_limit(resources->memory)) < 0 ||
	    put_group(object, PIDS, format_limit(resources->processes)) < 0 ||
	    put_group(object, BLOCK_IO, format_block_io(resources)) < 0)
		return NULL;
	return take_ptr(object);
}
