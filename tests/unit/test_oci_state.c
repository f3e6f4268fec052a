/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "runtime/config/oci_state.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/file.h"

#define IN "container state on standard input: "

static void refused(const char *text, const char *message)
{
	struct oci_state state;
	struct error err = { "" };

	assert_int_equal(oci_state_parse(text, strlen(text), &state, &err), -EINVAL);
	assert_string_equal(err.text, message);
}

static void a_state_is_read_and_the_rest_of_it_ignored(void **unused)
{
	static const char text[] =
		"{\"ociVersion\": \"1.0.2-dev\", \"id\": \"a_1+b.c-d\", \"pid\": 7,"
		"\"status\": \"creating\", \"bundle\": \"/b\", \"x\": [1]}";
	struct oci_state state;

	(void)unused;
	assert_int_equal(oci_state_parse(text, strlen(text), &state, NULL), 0);
	assert_string_equal(state.id, "a_1+b.c-d");
	assert_string_equal(state.bundle, "/b");
	assert_int_equal(state.pid, 7);
	oci_state_done(&state);
}

static void a_stopped_container_may_have_no_process(void **unused)
{
	static const char text[] = "{\"id\": \"a\", \"status\": \"stopped\", \"bundle\": \"/b\"}";
	struct oci_state state;

	(void)unused;
	assert_int_equal(oci_state_parse(text, strlen(text), &state, NULL), 0);
	assert_int_equal(state.pid, 0);
	oci_state_done(&state);
}

static void each_mistake_has_its_sentence(void **unused)
{
	(void)unused;
	refused("", IN "line 1: '[' or '{' expected near end of file");
	refused("{}", IN "id is missing");
	refused("{\"id\": \"..\"}", IN "the container's id '..' cannot name a device");
	refused("{\"id\": \"a/b\"}", IN "the container's id 'a/b' cannot name a device");
	refused("{\"id\": \"a\"}", IN "bundle is missing");
	refused("{\"id\": \"a\", \"bundle\": \"b\"}", IN "bundle is not an absolute path");
	refused("{\"id\": \"a\", \"bundle\": \"/b\", \"pid\": -1}",
		IN "pid is not a process number");
	refused("{\"id\": \"a\", \"bundle\": \"/b\", \"pid\": \"1\"}",
		IN "pid is not a process number");
}

/* A state of LEN bytes comes through a file. */
static int read_state(size_t len, struct oci_state *state, struct error *err)
{
	static const char text[] = "{\"id\": \"a\", \"bundle\": \"/b\"}";
	cleanup_close int fd = memfd_create("state", MFD_CLOEXEC);
	cleanup_free char *padded = malloc(len);

	assert_non_null(padded);
	memset(padded, ' ', len);
	memcpy(padded, text, strlen(text));
	assert_int_equal(pwrite_all(fd, padded, len, 0), 0);
	return oci_state_read(fd, state, err);
}

static void ten_mebibytes_are_read_and_not_one_byte_more(void **unused)
{
	struct error err = { "" };
	struct oci_state state;

	(void)unused;
	assert_int_equal(read_state(10 << 20, &state, NULL), 0);
	oci_state_done(&state);
	assert_int_equal(read_state((10 << 20) + 1, &state, &err), -EFBIG);
	assert_string_equal(err.text, "the container state is larger than 10 MiB");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_state_is_read_and_the_rest_of_it_ignored),
		cmocka_unit_test(a_stopped_container_may_have_no_process),
		cmocka_unit_test(each_mistake_has_its_sentence),
		cmocka_unit_test(ten_mebibytes_are_read_and_not_one_byte_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
