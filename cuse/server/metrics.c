/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/server/metrics.h"

#include <errno.h>

#include "cuse/server/recovery.h"
#include "cuse/server/vtpm.h"
#include "util/clock.h"
#include "util/error.h"

static json_t *kinds_json(const struct meter *meter)
{
	json_t *kinds = json_object();

	for (int i = TPM_CODE_SUCCESS + 1; i < TPM_CODE_KINDS; i++)
		(void)json_object_set_new(kinds, tpm_code_kind_name((enum tpm_code_kind)i),
					  json_integer((json_int_t)meter->kinds[i]));
	return kinds;
}

/* Lists the buckets up to the last one that is not empty. */
static json_t *buckets_json(const struct durations *durations)
{
	json_t *buckets = json_array();
	size_t n = DURATIONS_BUCKETS;

	while (n > 0 && durations->buckets[n - 1] == 0)
		n--;
	for (size_t i = 0; i < n; i++)
		(void)json_array_append_new(buckets,
					    json_integer((json_int_t)durations->buckets[i]));
	return buckets;
}

static json_t *durations_json(const struct durations *durations)
{
	return json_pack("{s:I, s:I, s:o}", "count", (json_int_t)durations->count, "total_ns",
			 (json_int_t)durations->total_ns, "buckets", buckets_json(durations));
}

static json_t *meter_json(const struct meter *meter)
{
	return json_pack("{s:I, s:I, s:I, s:o, s:I, s:I, s:I, s:o}", "commands",
			 (json_int_t)meter->commands, "errors", (json_int_t)meter->errors,
			 "failures", (json_int_t)meter->failures, "kinds", kinds_json(meter),
			 "bytes_in", (json_int_t)meter->bytes_in, "bytes_out",
			 (json_int_t)meter->bytes_out, "busy_ns", (json_int_t)meter->busy_ns,
			 "latency", durations_json(&meter->latency));
}

static json_t *state_json(struct vtpm *vtpm)
{
	struct state_info info;

	state_get_info(vtpm->state, &info);
	return json_pack("{s:o, s:I, s:b}", "stores", durations_json(&info.store_times),
			 "store_failures", (json_int_t)info.store_failures, "degraded",
			 (int)recovery_is_wanted(vtpm));
}

static json_t *device_json(struct vtpm *vtpm)
{
	struct device_stats stats;
	bool busy, frozen;

	device_get_stats(vtpm->device, &stats);
	turns_look(vtpm->turns, &busy, &frozen);
	return json_pack("{s:s, s:s, s:i, s:I, s:i, s:b, s:b, s:o}", "name", vtpm->settings->name,
			 "tpm_version", tpm_version_name(tpm_get_version(vtpm->tpm)), "pid",
			 (int)getpid(), "clock_ns", (json_int_t)monotonic_ns(), "opens",
			 (int)stats.opens, "busy", (int)busy, "frozen", (int)frozen, "device",
			 meter_json(&stats.meter));
}

int metrics_tell(void *context, const json_t *request, json_t *answer, struct error *err)
{
	struct vtpm *vtpm = context;
	json_auto_t *device = device_json(vtpm), *state = state_json(vtpm);

	(void)request;
	return json_object_update(answer, device) < 0 || json_object_set(answer, "state", state) < 0
		       ? error_set(err, ENOMEM, "metrics")
		       : 0;
}
