/* SPDX-License-Identifier: BSD-3-Clause */
/* runtime/host/limits.c, with directories in the place of control groups, and resources.c. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/config/resources.h"
#include "runtime/host/limits.h"
#include "tests/unit/scratch.h"
#include "util/cleanup.h"
#include "util/error.h"

static struct cpu_limit after(struct cpu_limit limit, const char *text, int expected)
{
	assert_int_equal(cpu_limit_tighten(&limit, text), expected);
	return limit;
}

static void tightened(const char *text, uint64_t quota, uint64_t period)
{
	const struct cpu_limit half = { 50000, 100000 };
	struct cpu_limit limit = after(half, text, 0);

	assert_int_equal(limit.quota, quota);
	assert_int_equal(limit.period, period);
}

static void the_tighter_limit_holds(void **state)
{
	(void)state;
	tightened("max 100000\n", 50000, 100000);
	tightened("5000 100000\n", 5000, 100000);
	tightened("60000 100000\n", 50000, 100000);
	tightened("6000 10000\n", 50000, 100000); /* is less, and gives more */
	tightened("400000 1000000\n", 400000, 1000000);
	assert_int_equal(after((struct cpu_limit){ 0 }, "200000 100000\n", 0).quota, 200000);
	assert_int_equal(after((struct cpu_limit){ 0 }, "max 100000\n", 0).quota, 0);
}

static void what_says_nothing_limits_nothing(void **state)
{
	static const char *const texts[] = {
		"",         "5000",   "x 100000",     "-5 100000",
		"0 100000", "5000 0", "5000 1000001", "99999999999999 100000"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(after((struct cpu_limit){ 7, 9 }, texts[i], -EINVAL).quota, 7);
}

static void line_of(const struct io_limits *limits, size_t i, const char *expected)
{
	char line[160];

	assert_true(i < limits->count);
	io_limit_line(&limits->devices[i], line, sizeof(line));
	assert_string_equal(line, expected);
}

static void the_tighter_limit_of_each_disk_holds(void **state)
{
	struct io_limits limits = { 0 };

	(void)state;
	assert_int_equal(io_limits_add(&limits, "8:16 rbps=7 wbps=max riops=max wiops=5\n", false),
			 0);
	line_of(&limits, 0, "8:16 rbps=max wbps=max riops=max wiops=max");
	assert_false(io_limit_is_any(&limits.devices[0]));
	assert_int_equal(io_limits_add(&limits,
				       "8:0 rbps=100 wbps=max riops=max wiops=9\n"
				       "8:16 rbps=max wbps=1048576 riops=max wiops=max\n",
				       true),
			 0);
	assert_int_equal(io_limits_add(&limits, "8:0 rbps=200 wiops=3\n", true), 0);
	assert_int_equal(limits.count, 2);
	line_of(&limits, 0, "8:16 rbps=max wbps=1048576 riops=max wiops=max");
	line_of(&limits, 1, "8:0 rbps=100 wbps=max riops=max wiops=3");
	assert_true(io_limit_is_any(&limits.devices[0]));
}

static void what_is_no_limit_of_a_disk_is_refused(void **state)
{
	static const char *const texts[] = { "8",          "8:",          "8:0x rbps=1",
					     "8:0 rbps",   "8:0 rbps=-1", "8:0 rbps=",
					     "8:0 xbps=1", "rbps=1",      "8:0 rbps=1x" };
	struct io_limits limits = { 0 };
	char line[32];
	int r = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(io_limits_add(&limits, texts[i], true), -EINVAL);
	limits.count = 0;
	for (int i = 0; i <= IO_DEVICES_MOST; i++) {
		assert_int_equal(r, 0);
		(void)snprintf(line, sizeof(line), "9:%d wbps=1", i);
		r = io_limits_add(&limits, line, true);
	}
	assert_int_equal(r, -E2BIG);
	assert_int_equal(limits.count, IO_DEVICES_MOST);
}

static void make_group(const char *path, const char *cpu_max)
{
	char name[64];

	assert_int_equal(mkdir(path, 0700), 0);
	(void)snprintf(name, sizeof(name), "%s/cpu.max", path);
	if (cpu_max != NULL)
		scratch_write(name, cpu_max, strlen(cpu_max));
}

static void holds(const char *path, const char *expected)
{
	cleanup_free uint8_t *data = NULL;
	size_t len;

	scratch_read(path, &data, &len);
	assert_int_equal(len, strlen(expected));
	assert_memory_equal(data, expected, len);
}

static const struct resources none;

static void limit_now(const struct resources *resources, int expected, const char *text)
{
	const struct limits_request request = { .mount = "top",
						.group = "top/pod/one",
						.own = "top/vtpm-cuse/tpm",
						.resources = resources };
	struct error err = { "" };

	assert_int_equal(limits_set(&request, &err), expected);
	assert_string_equal(err.text, text);
}

static void a_server_has_what_its_container_and_those_above_have(void **state)
{
	(void)state;
	make_group("top", "1 1000"); /* of what is mounted: no limit of ours to read */
	make_group("top/pod", "5000 100000\n");
	make_group("top/pod/one", "90000 100000\n");
	make_group("top/vtpm-cuse", NULL);
	make_group("top/vtpm-cuse/tpm", "");
	scratch_write("top/cgroup.subtree_control", "", 0);
	scratch_write("top/vtpm-cuse/cgroup.subtree_control", "", 0);
	scratch_write("top/vtpm-cuse/tpm/memory.max", "", 0);
	scratch_write("top/vtpm-cuse/tpm/pids.max", "", 0);
	scratch_write("top/pod/io.max", "8:0 wbps=4096\n", 14);
	scratch_write("top/pod/one/io.max", "8:0 wbps=8192 wiops=7\n", 22);
	scratch_write("top/pod/one/cpu.weight", "25\n", 3);
	scratch_write("top/vtpm-cuse/tpm/io.max", "", 0);
	scratch_write("top/vtpm-cuse/tpm/cpu.weight", "", 0);
	limit_now(&none, 0, "");
	holds("top/vtpm-cuse/tpm/io.max", "8:0 rbps=max wbps=4096 riops=max wiops=7");
	holds("top/vtpm-cuse/tpm/cpu.weight", "25\n");
	holds("top/vtpm-cuse/tpm/cpu.max", "5000 100000");
	holds("top/vtpm-cuse/tpm/memory.max", "67108864");
	holds("top/vtpm-cuse/tpm/pids.max", "16");
	assert_true(scratch_exists("top/cgroup.subtree_control"));

	/* What is no limit any more goes. */
	scratch_write("top/pod/io.max", "", 0);
	scratch_write("top/pod/one/io.max", "", 0);
	scratch_write("top/pod/cpu.max", "max 100000\n", 11);
	scratch_write("top/pod/one/cpu.max", "max 100000\n", 11);
	scratch_write("top/vtpm-cuse/tpm/cpu.max", "", 0);
	limit_now(&none, 0, "");
	holds("top/vtpm-cuse/tpm/io.max", "8:0 rbps=max wbps=max riops=max wiops=max");
	holds("top/vtpm-cuse/tpm/cpu.max", "max");
	scratch_write("top/pod/cpu.max", "5000 100000\n", 12);

	/* One that cannot be had is an error only where there is one. */
	assert_int_equal(unlink("top/vtpm-cuse/tpm/cpu.max"), 0);
	limit_now(&none, -ENOENT,
		  "limit the processor time of top/vtpm-cuse/tpm: No such file or directory");
	assert_int_equal(unlink("top/pod/cpu.max"), 0);
	assert_int_equal(unlink("top/pod/one/cpu.max"), 0);
	limit_now(&none, 0, "");
}

/* Files as a kernel has them, which are written and not replaced. */
static void have_empty(const char *group, const char *const *names)
{
	char path[64];

	for (; *names != NULL; names++) {
		(void)snprintf(path, sizeof(path), "%s/%s", group, *names);
		scratch_write(path, "", 0);
	}
}

static void what_is_said_holds_instead(void **state)
{
	static const char *const files[] = { "cpu.max",       "cpu.weight", "io.max",   "io.weight",
					     "io.bfq.weight", "memory.max", "pids.max", NULL };
	struct resources said = { .quota = 20000,
				  .period = 50000,
				  .shares = 1024,
				  .memory = 33554432,
				  .processes = 9,
				  .weight = 500 };

	(void)state;
	make_group("top", NULL);
	make_group("top/pod", "5000 100000\n");
	make_group("top/pod/one", NULL);
	make_group("top/vtpm-cuse", NULL);
	make_group("top/vtpm-cuse/tpm", NULL);
	have_empty("top/vtpm-cuse/tpm", files);
	scratch_write("top/pod/one/io.max", "8:0 wbps=8192\n8:16 rbps=3\n", 27);
	scratch_write("top/pod/one/cpu.weight", "25\n", 3);
	scratch_write("top/pod/one/io.weight", "default 25\n", 11);
	assert_int_equal(io_limits_set(&said.io, 8, 0, 3, 70), 0);
	limit_now(&said, 0, "");
	holds("top/vtpm-cuse/tpm/cpu.max", "20000 50000");
	holds("top/vtpm-cuse/tpm/cpu.weight", "39");
	holds("top/vtpm-cuse/tpm/io.max", "8:0 rbps=max wbps=max riops=max wiops=70");
	holds("top/vtpm-cuse/tpm/io.weight", "4950");
	holds("top/vtpm-cuse/tpm/io.bfq.weight", "500");
	holds("top/vtpm-cuse/tpm/memory.max", "33554432");
	holds("top/vtpm-cuse/tpm/pids.max", "9");

	have_empty("top/vtpm-cuse/tpm", files);
	said = (struct resources){ .quota = -1, .period = 100000 };
	limit_now(&said, 0, "");
	holds("top/vtpm-cuse/tpm/cpu.max", "max");
	holds("top/vtpm-cuse/tpm/cpu.weight", "25\n");
}

static void said_by(const char *text, int expected, const char *message, struct resources *ret)
{
	static const struct member_spec spec = { .name = "resources" };
	cleanup_json json_t *json = NULL;
	struct error err = { "" };

	assert_int_equal(object_parse(text, strlen(text), &json, &err), 0);
	assert_int_equal(member_resources(&spec, json, ret, &err), expected);
	assert_string_equal(err.text, message);
}

static const char full[] = "{\"cpu\":{\"shares\":512,\"quota\":30000,\"period\":100000},"
			   "\"memory\":{\"limit\":16777216},\"pids\":{\"limit\":8},"
			   "\"blockIO\":{\"weight\":10,\"throttleReadBpsDevice\":"
			   "[{\"major\":8,\"minor\":16,\"rate\":4096}],\"throttleWriteIOPSDevice\":"
			   "[{\"major\":8,\"minor\":16,\"rate\":5},"
			   "{\"major\":9,\"minor\":0,\"rate\":6}]}}";

static void resources_are_read_and_written_as_OCI_has_them(void **state)
{
	struct resources resources = { 0 };
	cleanup_json json_t *json = NULL;
	cleanup_free char *text = NULL;

	(void)state;
	said_by("{}", 0, "", &resources);
	assert_false(resources_are_any(&resources));
	said_by("{\"CPU\": {\"quota\": -1}}", 0, "", &resources);
	assert_int_equal(resources.period, 100000);
	said_by(full, 0, "", &resources);
	assert_int_equal(resources.io.count, 2);
	json = resources_format(&resources);
	text = json_dumps(json, JSON_COMPACT);
	assert_string_equal(text, full);
}

static void resources_that_mean_nothing_are_refused(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "{\"cpus\": 1}",
		  "resources: there is no member 'cpus', but cpu memory pids blockIO" },
		{ "{\"cpu\": 1}", "resources: cpu: not an object" },
		{ "{\"cpu\": {\"period\": 1000}}",
		  "resources: cpu: period is given without quota" },
		{ "{\"cpu\": {\"quota\": 999}}",
		  "resources: cpu: quota is neither -1 nor at least 1000" },
		{ "{\"cpu\": {\"shares\": 1}}",
		  "resources: cpu: shares is not a number from 2 to 262144" },
		{ "{\"memory\": {\"limit\": 16777215}}",
		  "resources: memory: limit is not a number from 16777216 to 8796093022208" },
		{ "{\"pids\": {\"limit\": 7}}",
		  "resources: pids: limit is not a number from 8 to 4194304" },
		{ "{\"blockIO\": {\"throttleReadBpsDevice\": [{\"major\": 8, \"rate\": 1}]}}",
		  "resources: blockIO: throttleReadBpsDevice: major, minor or rate is missing" },
		{ "{\"blockIO\": {\"throttleReadBpsDevice\": 8}}",
		  "resources: blockIO: throttleReadBpsDevice: not an array" },
	};
	struct resources resources = { .shares = 7 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		said_by(cases[i].text, -EINVAL, cases[i].message, &resources);
	assert_int_equal(resources.shares, 7);
}

static void what_is_not_said_is_the_default(void **state)
{
	const struct resources defaults = { .quota = 5000, .period = 10000, .memory = 1 << 25 };
	struct resources resources = { .quota = 7000, .period = 100000, .shares = 3 };

	(void)state;
	resources_default(&resources, &defaults);
	assert_int_equal(resources.quota, 7000);
	assert_int_equal(resources.period, 100000);
	assert_int_equal(resources.shares, 3);
	assert_int_equal(resources.memory, 1 << 25);
	resources.quota = 0;
	resources_default(&resources, &defaults);
	assert_int_equal(resources.quota, 5000);
	assert_int_equal(resources.period, 10000);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tighter_limit_holds),
		cmocka_unit_test(what_says_nothing_limits_nothing),
		cmocka_unit_test(the_tighter_limit_of_each_disk_holds),
		cmocka_unit_test(what_is_no_limit_of_a_disk_is_refused),
		cmocka_unit_test_setup_teardown(
			a_server_has_what_its_container_and_those_above_have, scratch_set_up,
			scratch_tear_down),
		cmocka_unit_test_setup_teardown(what_is_said_holds_instead, scratch_set_up,
						scratch_tear_down),
		cmocka_unit_test(resources_are_read_and_written_as_OCI_has_them),
		cmocka_unit_test(resources_that_mean_nothing_are_refused),
		cmocka_unit_test(what_is_not_said_is_the_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
