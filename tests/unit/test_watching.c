/* SPDX-License-Identifier: BSD-3-Clause */
/* What vtpm-ctl makes of the metrics of servers. */
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cuse/watch/http.h"
#include "cuse/watch/prometheus.h"
#include "cuse/watch/rates.h"
#include "cuse/watch/sample.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/local_socket.h"

#define SAMPLE(name, clock, commands, buckets)                                                \
	"{\"name\":\"" name "\",\"tpm_version\":\"2.0\",\"clock_ns\":" clock ",\"opens\":1,"  \
	"\"frozen\":true,\"device\":{\"commands\":" commands ",\"errors\":2,\"failures\":1,"  \
	"\"kinds\":{\"authorization\":2,\"unheard\":7},\"bytes_in\":24,\"bytes_out\":40,"     \
	"\"busy_ns\":1500000000,\"latency\":{\"count\":" commands ",\"total_ns\":2000000123," \
	"\"buckets\":" buckets "}},\"state\":{\"stores\":{\"count\":3,\"total_ns\":4000,"     \
	"\"buckets\":[3]},\"store_failures\":1,\"degraded\":false}}"

static json_t *load(const char *text)
{
	json_t *json = json_loads(text, 0, NULL);

	assert_non_null(json);
	return json;
}

static void a_sample_is_what_a_server_tells(void **state)
{
	json_auto_t *json = load(SAMPLE("tpm0", "5", "3", "[1,0,2]"));
	struct sample sample;

	(void)state;
	assert_int_equal(sample_parse(json, &sample), 0);
	assert_string_equal(sample.name, "tpm0");
	assert_int_equal(sample.commands, 3);
	assert_int_equal(sample.kinds[TPM_CODE_AUTHORIZATION], 2);
	assert_int_equal(sample.latency.buckets[2], 2);
	assert_int_equal(sample.stores.total_ns, 4000);
	assert_int_equal(sample.store_failures, 1);
	assert_true(sample.frozen);
	assert_false(sample.degraded);
}

static void what_no_server_tells_is_refused(void **state)
{
	static const char *const texts[] = {
		"[]",
		"{}",
		"{\"name\":\"tpm0\",\"tpm_version\":\"2.0\",\"clock_ns\":1,\"opens\":1}",
		SAMPLE("tpm0", "-5", "3", "[1]"),
		SAMPLE("tpm0", "5", "\"3\"", "[1]"),
		SAMPLE("tpm0", "5", "3", "[1,-1]"),
		SAMPLE("tpm0", "5", "3", "{}"),
	};
	json_auto_t *long_json = load(SAMPLE("tpm0", "5", "3", "[1]"));
	json_t *buckets = json_object_get(
		json_object_get(json_object_get(long_json, "device"), "latency"), "buckets");
	struct sample sample;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		json_auto_t *json = load(texts[i]);

		assert_int_equal(sample_parse(json, &sample), -EPROTO);
	}
	while (json_array_size(buckets) < DURATIONS_BUCKETS)
		assert_int_equal(json_array_append_new(buckets, json_integer(0)), 0);
	assert_int_equal(sample_parse(long_json, &sample), 0);
	assert_int_equal(json_array_append_new(buckets, json_integer(0)), 0);
	assert_int_equal(sample_parse(long_json, &sample), -EPROTO);
}

static void samples_are_in_the_order_of_names_and_found(void **state)
{
	json_auto_t *all = json_array();
	cleanup_with(samples_done) struct samples samples = { 0 };

	(void)state;
	assert_int_equal(json_array_append_new(all, load(SAMPLE("tpm10", "5", "3", "[]"))), 0);
	assert_int_equal(json_array_append_new(all, load("{}")), 0);
	assert_int_equal(json_array_append_new(all, load(SAMPLE("tpm2", "5", "3", "[]"))), 0);
	assert_int_equal(samples_parse(all, &samples, NULL), 0);
	assert_int_equal(samples.count, 2);
	assert_string_equal(samples.list[0].name, "tpm2");
	assert_ptr_equal(samples_find(&samples, "tpm10"), &samples.list[1]);
	assert_null(samples_find(&samples, "tpm1"));
}

static char *prometheus(const char *sample_text)
{
	json_auto_t *all = json_array();
	cleanup_with(samples_done) struct samples samples = { 0 };
	const struct prometheus_missing missing = { .silent = 4, .dead = 2 };
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(json_array_append_new(all, load(sample_text)), 0);
	assert_int_equal(samples_parse(all, &samples, NULL), 0);
	prometheus_write(out, &samples, &missing);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void prometheus_gets_counters_and_a_histogram(void **state)
{
	static const char *const lines[] = {
		"# HELP vtpm_commands_total Commands that the TPM answered.\n"
		"# TYPE vtpm_commands_total counter\nvtpm_commands_total{name=\"tpm0\"} 3\n",
		"\nvtpm_command_errors_total{name=\"tpm0\",kind=\"authorization\"} 2\n",
		"\nvtpm_command_duration_seconds_bucket{name=\"tpm0\",le=\"0.000001024\"} 1\n"
		"vtpm_command_duration_seconds_bucket{name=\"tpm0\",le=\"0.000002048\"} 3\n",
		"le=\"17.179869184\"} 3\n"
		"vtpm_command_duration_seconds_bucket{name=\"tpm0\",le=\"+Inf\"} 3\n"
		"vtpm_command_duration_seconds_sum{name=\"tpm0\"} 2.000000123\n"
		"vtpm_command_duration_seconds_count{name=\"tpm0\"} 3\n",
		"\nvtpm_busy_seconds_total{name=\"tpm0\"} 1.500000000\n",
		"\nvtpm_frozen{name=\"tpm0\"} 1\n",
		"\nvtpm_servers_silent 4\n",
		"\nvtpm_servers_dead 2\n",
	};
	cleanup_free char *text = prometheus(SAMPLE("tpm0", "5", "3", "[1,0,2]"));

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (strstr(text, lines[i]) == NULL)
			assert_string_equal(text, lines[i]);
	}
}

static void a_label_is_escaped(void **state)
{
	cleanup_free char *text = prometheus(SAMPLE("a\\\"b\\\\c\\nd", "5", "3", "[]"));

	(void)state;
	assert_non_null(strstr(text, "vtpm_opens{name=\"a\\\"b\\\\c\\nd\"} 1\n"));
}

static void rates_are_what_has_changed(void **state)
{
	json_auto_t *before_json = load(SAMPLE("tpm0", "1000000000", "10", "[10]"));
	json_auto_t *now_json = load(SAMPLE("tpm0", "3000000000", "110", "[10,0,0,0,98,0,2]"));
	struct sample before, now;
	struct rates rates;

	(void)state;
	assert_int_equal(sample_parse(before_json, &before), 0);
	assert_int_equal(sample_parse(now_json, &now), 0);
	before.busy_ns -= 500000000;
	before.errors = 0;
	rates_compute(&before, &now, &rates);
	assert_true(rates.commands > 49.9 && rates.commands < 50.1);
	assert_true(rates.busy > 24.9 && rates.busy < 25.1);
	assert_true(rates.errors > 0.99 && rates.errors < 1.01);
	assert_int_equal(rates.p50_ns, 2048);
	assert_int_equal(rates.p99_ns, 3072);
}

/* A server that was started again under its name counts from zero. */
static void rates_are_never_negative(void **state)
{
	json_auto_t *before_json = load(SAMPLE("tpm0", "9000000000", "110", "[90]"));
	json_auto_t *now_json = load(SAMPLE("tpm0", "1000000000", "10", "[10]"));
	struct sample before, now;
	struct rates rates;

	(void)state;
	assert_int_equal(sample_parse(before_json, &before), 0);
	assert_int_equal(sample_parse(now_json, &now), 0);
	rates_compute(&before, &now, &rates);
	assert_true(rates.commands == 0 && rates.p50_ns == 0 && rates.busy == 0);
	rates_compute(NULL, &now, &rates);
	assert_true(rates.commands == 0 && rates.p50_ns == 0 && rates.busy == 0);
}

static void a_line_is_as_wide_as_the_terminal(void **state)
{
	const struct rates rates = {
		.name = "a-vtpm-with-quite-a-long-name-for-a-table",
		.commands = 61234,
		.busy = 99.9,
		.p50_ns = 16384,
		.p99_ns = 1500000,
		.degraded = true,
	};
	char line[RATES_LINE_SIZE];

	(void)state;
	for (unsigned int width = 1; width < 600; width++) {
		rates_line(&rates, width, line);
		assert_in_range(strlen(line), width < 74 ? width : 74, width);
		rates_line(NULL, width, line);
		assert_in_range(strlen(line), 1, width);
	}
	rates_line(&rates, 80, line);
	assert_string_equal(line,
			    "a-vtpm-with-q~   61234  99.9    16us   1.5ms      0       -     0"
			    "     0 degraded");
}

static int judge(const char *text)
{
	return http_judge(text, strlen(text));
}

static void a_request_is_judged_by_its_first_line(void **state)
{
	char much[HTTP_REQUEST_MAX];

	(void)state;
	memset(much, 'x', sizeof(much));
	assert_int_equal(judge(""), 0);
	assert_int_equal(judge("GET /metrics HTTP/1.1\r\nHost: x\r\n"), 0);
	assert_int_equal(judge("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
	assert_int_equal(judge("GET /metrics?x=y HTTP/1.1\n\n"), 200);
	assert_int_equal(judge("GET / HTTP/1.0\r\n\r\n"), 200);
	assert_int_equal(judge("GET /metricsx HTTP/1.0\r\n\r\n"), 404);
	assert_int_equal(judge("POST /metrics HTTP/1.0\r\n\r\n"), 405);
	assert_int_equal(judge("\r\n\r\n"), 400);
	assert_int_equal(judge("GET x HTTP/1.0\r\n\r\n"), 400);
	assert_int_equal(http_judge(much, sizeof(much) - 1), 0);
	assert_int_equal(http_judge(much, sizeof(much)), 431);
}

static void http_replaces_nothing_but_a_socket_that_nobody_listens_at(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "listening" };
	cleanup_close int fd = local_socket_listen(&address, NULL, 1);
	struct error err;

	(void)state;
	assert_true(fd >= 0);
	scratch_write("file", "x", 1);
	(void)alarm(60); /* one that serves ends the test */
	assert_int_equal(http_serve("listening", NULL, &err), -EEXIST);
	assert_string_equal(err.text, "somebody listens at listening");
	assert_int_equal(http_serve("file", NULL, &err), -EEXIST);
	assert_string_equal(err.text, "file is no socket");
	assert_int_equal(http_serve("file/none", NULL, &err), -ENOTDIR);
	assert_string_equal(err.text, "look at file/none: Not a directory");
	assert_int_equal(http_serve("none/none", NULL, &err), -ENOENT);
	assert_string_equal(err.text, "listen at none/none: No such file or directory");
	(void)alarm(0);
	assert_true(scratch_exists("listening"));
	assert_true(scratch_exists("file"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sample_is_what_a_server_tells),
		cmocka_unit_test(what_no_server_tells_is_refused),
		cmocka_unit_test(samples_are_in_the_order_of_names_and_found),
		cmocka_unit_test(prometheus_gets_counters_and_a_histogram),
		cmocka_unit_test(a_label_is_escaped),
		cmocka_unit_test(rates_are_what_has_changed),
		cmocka_unit_test(rates_are_never_negative),
		cmocka_unit_test(a_line_is_as_wide_as_the_terminal),
		cmocka_unit_test(a_request_is_judged_by_its_first_line),
		cmocka_unit_test_setup_teardown(
			http_replaces_nothing_but_a_socket_that_nobody_listens_at, scratch_set_up,
			scratch_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
