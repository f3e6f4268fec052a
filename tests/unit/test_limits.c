/* SPDX-License-Identifier: BSD-3-Clause */
/* runtime/host/limits.c, with directories in the place of control groups. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/host/io_limits.h"
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

static void a_server_has_what_its_container_and_those_above_have(void **state)
{
	struct error err = { "" };

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
	assert_int_equal(limits_copy("top", "top/pod/one", "top/vtpm-cuse/tpm", &err), 0);
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
	assert_int_equal(limits_copy("top", "top/pod/one", "top/vtpm-cuse/tpm", &err), 0);
	holds("top/vtpm-cuse/tpm/io.max", "8:0 rbps=max wbps=max riops=max wiops=max");
	holds("top/vtpm-cuse/tpm/cpu.max", "max");
	scratch_write("top/pod/cpu.max", "5000 100000\n", 12);

	/* One that cannot be had is an error only where there is one. */
	assert_int_equal(unlink("top/vtpm-cuse/tpm/cpu.max"), 0);
	assert_int_equal(limits_copy("top", "top/pod/one", "top/vtpm-cuse/tpm", &err), -ENOENT);
	assert_string_equal(err.text, "limit the processor time of top/vtpm-cuse/tpm: No such file "
				      "or directory");
	assert_int_equal(unlink("top/pod/cpu.max"), 0);
	assert_int_equal(unlink("top/pod/one/cpu.max"), 0);
	assert_int_equal(limits_copy("top", "top/pod/one", "top/vtpm-cuse/tpm", &err), 0);
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
