/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/device/meter.h"

#include "util/bytes.h"

static void count(struct meter *meter, size_t len, const struct meter_times *times)
{
	meter->bytes_in += len;
	meter->busy_ns += times->done - times->begun;
	durations_add(&meter->latency, times->done - times->arrived);
}

void meter_answered(struct meter *meter, enum tpm_version version, size_t len,
		    const uint8_t *response, size_t response_len, const struct meter_times *times)
{
	uint32_t code = get_be32(response + 6);

	count(meter, len, times);
	meter->commands++;
	meter->bytes_out += response_len;
	if (code == 0)
		return;
	meter->errors++;
	meter->kinds[tpm_code_kind(version, code)]++;
}

void meter_failed(struct meter *meter, size_t len, const struct meter_times *times)
{
	count(meter, len, times);
	meter->failures++;
}
