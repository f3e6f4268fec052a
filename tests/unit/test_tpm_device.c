/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/host/device_number.h"
#include "runtime/host/tpm_device.h"
#include "util/error.h"

/* The working directory is a sysfs with one device 120:MINOR. */
static void add(unsigned int minor, const char *subsystem, const char *name)
{
	char path[256], target[256];

	(void)mkdir("dev", 0700);
	(void)mkdir("dev/char", 0700);
	(void)mkdir("devices", 0700);
	(void)snprintf(path, sizeof(path), "devices/%s", name);
	assert_int_equal(mkdir(path, 0700), 0);
	(void)snprintf(path, sizeof(path), "devices/%s/subsystem", name);
	(void)snprintf(target, sizeof(target), "../../class/%s", subsystem);
	assert_int_equal(symlink(target, path), 0);
	(void)snprintf(path, sizeof(path), "dev/char/120:%u", minor);
	(void)snprintf(target, sizeof(target), "../../devices/%s", name);
	assert_int_equal(symlink(target, path), 0);
}

static int check(unsigned int minor, struct error *err)
{
	const struct device_number number = { 120, minor };

	return tpm_device_check(".", &number, err);
}

static void tpms_of_cuse_and_of_drivers_are_taken(void **state)
{
	(void)state;
	add(1, "cuse", "tpm-app");
	add(2, "tpm", "tpm0");
	add(3, "tpmrm", "tpmrm0");
	for (unsigned int minor = 1; minor <= 3; minor++)
		assert_int_equal(check(minor, NULL), 0);
}

static void nothing_else_is(void **state)
{
	struct error err = { "" };

	(void)state;
	add(1, "mem", "mem");
	assert_int_equal(check(1, &err), -EINVAL);
	assert_string_equal(err.text, "device 120:1 is mem, which is no TPM");
	add(2, "mem", "tpm-mem");
	assert_int_equal(check(2, NULL), -EINVAL);
	add(3, "cuse", "dsp");
	assert_int_equal(check(3, &err), -EINVAL);
	assert_string_equal(err.text, "device 120:3 is dsp, which is no TPM");
	assert_int_equal(check(4, &err), -EINVAL);
	assert_string_equal(err.text, "there is no device 120:4 on this host");
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_set_up, scratch_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		IN_SCRATCH(tpms_of_cuse_and_of_drivers_are_taken),
		IN_SCRATCH(nothing_else_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
