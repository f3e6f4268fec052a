/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/watch/prometheus.h"

#include <inttypes.h>

#include "cuse/watch/sample.h"

struct family {
	const char *name, *type, *help;
	void (*write)(FILE *out, const struct family *family, const struct sample *sample);
	/* The value of a family with one number per vTPM; NULL: WRITE prints the family. */
	uint64_t (*value)(const struct sample *sample);
};

/* Escapes the characters that a label's value may not hold. */
static void write_escaped(FILE *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\n')
			(void)fputs("\\n", out);
		else if (*text == '"' || *text == '\\')
			(void)fprintf(out, "\\%c", *text);
		else
			(void)fputc(*text, out);
	}
}

/* "NAME_SUFFIX{name="tpm0"" without the end, for more labels. */
static void begin_line(FILE *out, const struct family *family, const char *suffix,
		       const struct sample *sample)
{
	(void)fprintf(out, "%s%s{name=\"", family->name, suffix);
	write_escaped(out, sample->name);
	(void)fputc('"', out);
}

static void write_number(FILE *out, const struct family *family, const struct sample *sample)
{
	begin_line(out, family, "", sample);
	(void)fprintf(out, "} %" PRIu64 "\n", family->value(sample));
}

static void write_ns(FILE *out, uint64_t ns)
{
	(void)fprintf(out, "%" PRIu64 ".%09" PRIu64, ns / 1000000000, ns % 1000000000);
}

static void write_seconds(FILE *out, const struct family *family, const struct sample *sample)
{
	begin_line(out, family, "", sample);
	(void)fputs("} ", out);
	write_ns(out, family->value(sample));
	(void)fputc('\n', out);
}

static void write_info(FILE *out, const struct family *family, const struct sample *sample)
{
	begin_line(out, family, "", sample);
	(void)fputs(",tpm_version=\"", out);
	write_escaped(out, sample->tpm_version);
	(void)fputs("\"} 1\n", out);
}

static void write_kinds(FILE *out, const struct family *family, const struct sample *sample)
{
	for (int i = TPM_CODE_SUCCESS + 1; i < TPM_CODE_KINDS; i++) {
		begin_line(out, family, "", sample);
		(void)fprintf(out, ",kind=\"%s\"} %" PRIu64 "\n",
			      tpm_code_kind_name((enum tpm_code_kind)i), sample->kinds[i]);
	}
}

/* Merges the buckets to one for each power of two, to keep the number of series low. */
static void write_latency(FILE *out, const struct family *family, const struct sample *sample)
{
	const struct durations *durations = &sample->latency;
	uint64_t seen = 0;

	for (size_t i = 0; i < DURATIONS_BUCKETS - 1; i++) {
		seen += durations->buckets[i];
		if (i % DURATIONS_PER_BIT != 0)
			continue;
		begin_line(out, family, "_bucket", sample);
		(void)fputs(",le=\"", out);
		write_ns(out, durations_bound(i));
		(void)fprintf(out, "\"} %" PRIu64 "\n", seen);
	}
	seen += durations->buckets[DURATIONS_BUCKETS - 1];
	begin_line(out, family, "_bucket", sample);
	(void)fprintf(out, ",le=\"+Inf\"} %" PRIu64 "\n", seen);
	begin_line(out, family, "_sum", sample);
	(void)fputs("} ", out);
	write_ns(out, durations->total_ns);
	(void)fputc('\n', out);
	begin_line(out, family, "_count", sample);
	(void)fprintf(out, "} %" PRIu64 "\n", seen);
}

static uint64_t commands(const struct sample *sample)
{
	return sample->commands;
}

static uint64_t failures(const struct sample *sample)
{
	return sample->failures;
}

static uint64_t bytes_in(const struct sample *sample)
{
	return sample->bytes_in;
}

static uint64_t bytes_out(const struct sample *sample)
{
	return sample->bytes_out;
}

static uint64_t busy_ns(const struct sample *sample)
{
	return sample->busy_ns;
}

static uint64_t stores(const struct sample *sample)
{
	return sample->stores.count;
}

static uint64_t store_ns(const struct sample *sample)
{
	return sample->stores.total_ns;
}

static uint64_t store_failures(const struct sample *sample)
{
	return sample->store_failures;
}

static uint64_t opens(const struct sample *sample)
{
	return sample->opens;
}

static uint64_t frozen(const struct sample *sample)
{
	return sample->frozen;
}

static uint64_t degraded(const struct sample *sample)
{
	return sample->degraded;
}

static const struct family families[] = {
	{ "vtpm_info", "gauge", "A virtual TPM that runs.", write_info, NULL },
	{ "vtpm_commands_total", "counter", "Commands that the TPM answered.", write_number,
	  commands },
	{ "vtpm_command_errors_total", "counter",
	  "Commands that the TPM answered with an error, by its kind.", write_kinds, NULL },
	{ "vtpm_command_failures_total", "counter", "Commands that the TPM did not answer.",
	  write_number, failures },
	{ "vtpm_command_bytes_total", "counter", "Bytes of commands.", write_number, bytes_in },
	{ "vtpm_response_bytes_total", "counter", "Bytes of responses.", write_number, bytes_out },
	{ "vtpm_busy_seconds_total", "counter", "Time that the TPM has worked for clients.",
	  write_seconds, busy_ns },
	{ "vtpm_command_duration_seconds", "histogram",
	  "Time from a command's arrival to its answer.", write_latency, NULL },
	{ "vtpm_stores_total", "counter", "Stores of the TPM's state.", write_number, stores },
	{ "vtpm_store_seconds_total", "counter", "Time that stores have taken.", write_seconds,
	  store_ns },
	{ "vtpm_store_failures_total", "counter", "Stores that failed.", write_number,
	  store_failures },
	{ "vtpm_opens", "gauge", "How many have the device open.", write_number, opens },
	{ "vtpm_frozen", "gauge", "Whether commands are held back.", write_number, frozen },
	{ "vtpm_degraded", "gauge", "Whether the state cannot be stored.", write_number, degraded },
};

static void begin_family(FILE *out, const struct family *family)
{
	(void)fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", family->name, family->help, family->name,
		      family->type);
}

static void write_missing(FILE *out, const struct family *family, size_t count)
{
	begin_family(out, family);
	(void)fprintf(out, "%s %zu\n", family->name, count);
}

void prometheus_write(FILE *out, const struct samples *samples,
		      const struct prometheus_missing *missing)
{
	static const struct family silent = {
		.name = "vtpm_servers_silent",
		.type = "gauge",
		.help = "Servers that did not answer.",
	};
	static const struct family dead = {
		.name = "vtpm_servers_dead",
		.type = "gauge",
		.help = "Servers that did not end in order.",
	};

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		begin_family(out, &families[i]);
		for (size_t n = 0; n < samples->count; n++)
			families[i].write(out, &families[i], &samples->list[n]);
	}
	write_missing(out, &silent, missing->silent);
	write_missing(out, &dead, missing->dead);
}
