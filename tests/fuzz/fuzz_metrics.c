/* SPDX-License-Identifier: BSD-3-Clause */
/* What servers tell of themselves, up to the text for Prometheus and the table. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cuse/watch/http.h"
#include "cuse/watch/prometheus.h"
#include "cuse/watch/rates.h"
#include "cuse/watch/sample.h"
#include "util/printable.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each line is a comment or a number of ours, whatever names servers have. */
static void check_text(const char *text)
{
	while (*text != '\0') {
		const char *end = strchr(text, '\n');

		if (end == NULL || end == text)
			abort();
		if (strncmp(text, "# HELP vtpm_", 12) != 0 &&
		    strncmp(text, "# TYPE vtpm_", 12) != 0 && strncmp(text, "vtpm_", 5) != 0)
			abort();
		text = end + 1;
	}
}

static void check_rates(const struct rates *all, size_t count)
{
	char line[RATES_LINE_SIZE];

	for (size_t i = 0; i < count; i++) {
		rates_line(&all[i], 80, line);
		if (strlen(line) > 80 || strchr(line, '\n') != NULL || all[i].commands < 0)
			abort();
		json_decref(rates_json(&all[i]));
	}
}

static void check(const struct samples *samples)
{
	static const struct prometheus_missing missing = { 0 };
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	struct rates *rates = rates_of_all(samples, samples);

	if (out == NULL || rates == NULL)
		abort();
	prometheus_write(out, samples, &missing);
	if (fclose(out) != 0)
		abort();
	check_text(text);
	check_rates(rates, samples->count);
	free(text);
	free(rates);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *all = json_loadb((const char *)data, size, 0, NULL);
	struct samples samples;

	(void)http_judge((const char *)data, size < HTTP_REQUEST_MAX ? size : HTTP_REQUEST_MAX);
	if (all == NULL || samples_parse(all, &samples, NULL) < 0)
		return 0;
	check(&samples);
	samples_done(&samples);
	json_decref(all);
	return 0;
}
