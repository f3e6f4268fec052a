/* SPDX-License-Identifier: BSD-3-Clause */
/* container_read(): how large a container's config.json may be. */
#include "tests/unit/unit.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/config/container.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/file.h"

/* A configuration of exactly LEN bytes. */
static void put_config(const char *bundle, size_t len)
{
	static const char text[] = "{\"root\": {\"path\": \"rootfs\"}}";
	cleanup_close int dir = open(bundle, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_free char *padded = malloc(len);

	assert_true(dir >= 0);
	assert_non_null(padded);
	memset(padded, ' ', len);
	memcpy(padded, text, strlen(text));
	assert_int_equal(replace_file(dir, "config.json", padded, len, 0600), 0);
}

static void ten_mebibytes_are_read_and_not_one_byte_more(void **state)
{
	struct error err = { "" };
	struct container container = { 0 };
	char message[256];

	put_config(*state, 10 << 20);
	assert_int_equal(container_read(*state, &container, &err), 0);
	assert_string_equal(container.rootfs, "rootfs");
	container_done(&container);

	put_config(*state, (10 << 20) + 1);
	assert_int_equal(container_read(*state, &container, &err), -EFBIG);
	(void)snprintf(message, sizeof(message), "%s/config.json is larger than 10 MiB",
		       (char *)*state);
	assert_string_equal(err.text, message);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(ten_mebibytes_are_read_and_not_one_byte_more,
						scratch_set_up, scratch_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
