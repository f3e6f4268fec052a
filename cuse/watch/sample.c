/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/watch/sample.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/error.h"

static int take_count(const json_t *object, const char *key, uint64_t *ret)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return -EPROTO;
	*ret = (uint64_t)json_integer_value(value);
	return 0;
}

struct count_key {
	const char *key;
	uint64_t *ret;
};

static int take_counts(const json_t *object, const struct count_key *keys, size_t count)
{
	int r = 0;

	for (size_t i = 0; i < count && r == 0; i++)
		r = take_count(object, keys[i].key, keys[i].ret);
	return r;
}

static int take_buckets(const json_t *array, struct durations *ret)
{
	if (!json_is_array(array) || json_array_size(array) > DURATIONS_BUCKETS)
		return -EPROTO;
	for (size_t i = 0; i < json_array_size(array); i++) {
		const json_t *value = json_array_get(array, i);

		if (!json_is_integer(value) || json_integer_value(value) < 0)
			return -EPROTO;
		ret->buckets[i] = (uint64_t)json_integer_value(value);
	}
	return 0;
}

static int take_durations(const json_t *parent, const char *key, struct durations *ret)
{
	const json_t *object = json_object_get(parent, key);
	const struct count_key keys[] = { { "count", &ret->count },
					  { "total_ns", &ret->total_ns } };
	int r = take_counts(object, keys, sizeof(keys) / sizeof(keys[0]));

	return r < 0 ? r : take_buckets(json_object_get(object, "buckets"), ret);
}

/* Ignores unknown kinds, as a server of another version may send. */
static void take_kinds(const json_t *object, struct sample *ret)
{
	for (int i = 0; i < TPM_CODE_KINDS; i++)
		(void)take_count(object, tpm_code_kind_name((enum tpm_code_kind)i), &ret->kinds[i]);
}

static int take_device(const json_t *object, struct sample *ret)
{
	const struct count_key keys[] = {
		{ "commands", &ret->commands },   { "errors", &ret->errors },
		{ "failures", &ret->failures },   { "bytes_in", &ret->bytes_in },
		{ "bytes_out", &ret->bytes_out }, { "busy_ns", &ret->busy_ns },
	};
	int r = take_counts(object, keys, sizeof(keys) / sizeof(keys[0]));

	take_kinds(json_object_get(object, "kinds"), ret);
	return r < 0 ? r : take_durations(object, "latency", &ret->latency);
}

static int take_state(const json_t *object, struct sample *ret)
{
	int r = take_count(object, "store_failures", &ret->store_failures);

	ret->degraded = json_is_true(json_object_get(object, "degraded"));
	return r < 0 ? r : take_durations(object, "stores", &ret->stores);
}

int sample_parse(const json_t *json, struct sample *ret)
{
	const struct count_key keys[] = { { "clock_ns", &ret->clock_ns },
					  { "opens", &ret->opens } };
	int r;

	*ret = (struct sample){
		.name = json_string_value(json_object_get(json, "name")),
		.tpm_version = json_string_value(json_object_get(json, "tpm_version")),
		.frozen = json_is_true(json_object_get(json, "frozen")),
	};
	if (ret->name == NULL || ret->tpm_version == NULL)
		return -EPROTO;
	r = take_counts(json, keys, sizeof(keys) / sizeof(keys[0]));
	if (r == 0)
		r = take_device(json_object_get(json, "device"), ret);
	return r < 0 ? r : take_state(json_object_get(json, "state"), ret);
}

/* tpm2 comes before tpm10. */
static int compare(const void *a, const void *b)
{
	return strverscmp(((const struct sample *)a)->name, ((const struct sample *)b)->name);
}

int samples_parse(const json_t *all, struct samples *ret, struct error *err)
{
	size_t count = json_array_size(all);
	struct sample *list = calloc(count + 1, sizeof(*list));

	if (list == NULL)
		return error_set(err, ENOMEM, "look at all vTPMs");
	*ret = (struct samples){ .list = list };
	for (size_t i = 0; i < count; i++) {
		if (sample_parse(json_array_get(all, i), &list[ret->count]) == 0)
			ret->count++;
	}
	qsort(list, ret->count, sizeof(*list), compare);
	return 0;
}

void samples_done(struct samples *samples)
{
	free(samples->list);
	*samples = (struct samples){ 0 };
}

const struct sample *samples_find(const struct samples *samples, const char *name)
{
	const struct sample wanted = { .name = name };

	return samples->count == 0
		       ? NULL
		       : bsearch(&wanted, samples->list, samples->count, sizeof(wanted), compare);
}
