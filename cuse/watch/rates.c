/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/watch/rates.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cuse/watch/sample.h"
#include "util/cleanup.h"
#include "util/printable.h"

/* A restarted server counts from zero. */
static uint64_t grown(uint64_t before, uint64_t now)
{
	return now > before ? now - before : 0;
}

static void subtract(const struct durations *before, const struct durations *now,
		     struct durations *ret)
{
	ret->count = grown(before->count, now->count);
	ret->total_ns = grown(before->total_ns, now->total_ns);
	for (size_t i = 0; i < DURATIONS_BUCKETS; i++)
		ret->buckets[i] = grown(before->buckets[i], now->buckets[i]);
}

void rates_compute(const struct sample *before, const struct sample *now, struct rates *ret)
{
	struct durations latency, stores;
	double seconds;

	if (before == NULL)
		before = now;
	seconds = (double)grown(before->clock_ns, now->clock_ns) / 1e9;
	subtract(&before->latency, &now->latency, &latency);
	subtract(&before->stores, &now->stores, &stores);
	*ret = (struct rates){
		.name = now->name,
		.p50_ns = durations_quantile(&latency, 500),
		.p99_ns = durations_quantile(&latency, 990),
		.store_p99_ns = durations_quantile(&stores, 990),
		.opens = now->opens,
		.frozen = now->frozen,
		.degraded = now->degraded,
	};
	if (seconds <= 0)
		return;
	ret->commands = (double)grown(before->commands, now->commands) / seconds;
	ret->errors = (double)(grown(before->errors, now->errors) +
			       grown(before->failures, now->failures)) /
		      seconds;
	ret->stores = (double)stores.count / seconds;
	ret->busy = (double)grown(before->busy_ns, now->busy_ns) / 1e7 / seconds;
}

/* The busiest first; equals in the order of their names. */
static int compare(const void *a, const void *b)
{
	const struct rates *first = a, *second = b;

	if (first->busy != second->busy)
		return first->busy > second->busy ? -1 : 1;
	return strverscmp(first->name, second->name);
}

struct rates *rates_of_all(const struct samples *before, const struct samples *now)
{
	struct rates *all = calloc(now->count + 1, sizeof(*all));

	if (all == NULL)
		return NULL;
	for (size_t i = 0; i < now->count; i++)
		rates_compute(samples_find(before, now->list[i].name), &now->list[i], &all[i]);
	qsort(all, now->count, sizeof(*all), compare);
	return all;
}

json_t *rates_json(const struct rates *rates)
{
	return json_pack("{s:s, s:f, s:f, s:I, s:I, s:f, s:I, s:f, s:I, s:b, s:b}", "name",
			 rates->name, "commands_per_second", rates->commands, "busy_percent",
			 rates->busy, "latency_p50_ns", (json_int_t)rates->p50_ns, "latency_p99_ns",
			 (json_int_t)rates->p99_ns, "stores_per_second", rates->stores,
			 "store_p99_ns", (json_int_t)rates->store_p99_ns, "errors_per_second",
			 rates->errors, "opens", (json_int_t)rates->opens, "frozen",
			 (int)rates->frozen, "degraded", (int)rates->degraded);
}

/* "-", "16us", "1.5ms", "2.3s" */
static void time_text(uint64_t ns, char text[static 24])
{
	double us = (double)ns / 1000;

	if (ns == 0)
		(void)snprintf(text, 24, "-");
	else if (us < 1000)
		(void)snprintf(text, 24, "%.0fus", us);
	else if (us < 1000000)
		(void)snprintf(text, 24, "%.1fms", us / 1000);
	else
		(void)snprintf(text, 24, "%.1fs", us / 1000000);
}

static const char *condition(const struct rates *rates)
{
	if (rates->degraded)
		return "degraded";
	return rates->frozen ? "frozen" : "";
}

#define NAME_LEAST 8
#define NAME_MOST 40
#define OTHER_COLUMNS 66

static int name_width(unsigned int width)
{
	if (width < OTHER_COLUMNS + NAME_LEAST)
		return NAME_LEAST;
	return width > OTHER_COLUMNS + NAME_MOST ? NAME_MOST : (int)width - OTHER_COLUMNS;
}

/* Cuts a name that does not fit, and ends it with a tilde. */
static void write_name(const char *name, int width, char *ret)
{
	cleanup_free char *shown = text_printable(name);

	(void)snprintf(ret, (size_t)width + 1, "%-*s", width, shown != NULL ? shown : "-");
	if (shown != NULL && strlen(shown) > (size_t)width)
		ret[width - 1] = '~';
}

static void write_rates(const struct rates *rates, int width, char line[static RATES_LINE_SIZE])
{
	char name[NAME_MOST + 1], p50[24], p99[24], store_p99[24];

	write_name(rates->name, width, name);
	time_text(rates->p50_ns, p50);
	time_text(rates->p99_ns, p99);
	time_text(rates->store_p99_ns, store_p99);
	(void)snprintf(line, RATES_LINE_SIZE, "%s %7.0f %5.1f %7s %7s %6.0f %7s %5.0f %5llu %s",
		       name, rates->commands, rates->busy, p50, p99, rates->stores, store_p99,
		       rates->errors, (unsigned long long)rates->opens, condition(rates));
}

void rates_line(const struct rates *rates, unsigned int width, char line[static RATES_LINE_SIZE])
{
	if (rates != NULL)
		write_rates(rates, name_width(width), line);
	else
		(void)snprintf(line, RATES_LINE_SIZE, "%-*s %7s %5s %7s %7s %6s %7s %5s %5s %s",
			       name_width(width), "NAME", "CMD/S", "BUSY%", "P50", "P99", "STOR/S",
			       "P99", "ERR/S", "OPENS", "");
	if (width < RATES_LINE_SIZE)
		line[width] = '\0';
}
