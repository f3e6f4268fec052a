/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/host/running.h"
#include "util/error.h"

#define RUNC                                                                      \
	"{\"id\": \"one\", \"init_process_pid\": 7, \"init_process_start\": 99, " \
	"\"config\": {\"rootfs\": \"/b/rootfs\", \"labels\": [\"bundle2=/x\", 1, \"bundle=/b\"]}}"
#define CRUN "{\"pid\": 7, \"process-start-time\": 99, \"bundle\": \"/b\", \"owner\": \"root\"}"

static void both_files_are_read(void **state)
{
	static const char *const texts[] = { RUNC, CRUN };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct running running;

		assert_int_equal(running_parse(texts[i], strlen(texts[i]), &running, NULL), 0);
		assert_int_equal(running.init.pid, 7);
		assert_int_equal(running.init.start, 99);
		assert_string_equal(running.bundle, "/b");
		assert_int_equal(running.forgets_rules, i == 1);
	}
}

static void each_mistake_has_its_sentence(void **state)
{
	static const char *const texts[][2] = {
		{ "[]", "not an object" },
		{ "{}", "its first process is missing or wrong" },
		{ "{\"pid\": -1, \"process-start-time\": 1, \"bundle\": \"/b\"}",
		  "its first process is missing or wrong" },
		{ "{\"pid\": 2147483648, \"process-start-time\": 1, \"bundle\": \"/b\"}",
		  "its first process is missing or wrong" },
		{ "{\"pid\": 1, \"bundle\": \"/b\"}", "its first process is missing or wrong" },
		{ "{\"pid\": 1, \"process-start-time\": 1, \"bundle\": \"b\"}",
		  "its bundle is missing or no absolute path" },
		{ "{\"init_process_pid\": 1, \"init_process_start\": 1, \"bundle\": \"/b\"}",
		  "its bundle is missing or no absolute path" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct error err = { "" };
		struct running running;

		assert_true(running_parse(texts[i][0], strlen(texts[i][0]), &running, &err) < 0);
		assert_non_null(strstr(err.text, texts[i][1]));
	}
}

/* Container "one", whose first process is PID as it is now, in the file of a runtime. */
static void make_container(const char *file, pid_t pid)
{
	struct process process = { 0 };
	char path[64], text[256];

	assert_int_equal(process_identify(pid, &process), 0);
	(void)mkdir("one", 0700);
	(void)snprintf(path, sizeof(path), "one/%s", file);
	(void)snprintf(text, sizeof(text),
		       "{\"pid\": %d, \"process-start-time\": %" PRIu64 ", \"bundle\": \"/b\"}",
		       pid, process.start);
	scratch_write(path, text, strlen(text));
}

static void refused(int r, const char *message)
{
	struct running running;
	struct error err = { "" };

	assert_int_equal(running_find(".", "one", &running, &err), r);
	assert_string_equal(err.text, message);
}

static void a_container_that_runs_is_found(void **state)
{
	struct running running;

	(void)state;
	if (getuid() != 0)
		skip();
	make_container("status", getpid());
	assert_int_equal(running_find(".", "one", &running, NULL), 0);
	assert_int_equal(running.init.pid, getpid());
}

static void one_that_does_not_run_is_refused(void **state)
{
	static const char text[] =
		"{\"pid\": 1, \"process-start-time\": 999999999, \"bundle\": \"/b\"}";

	(void)state;
	if (getuid() != 0)
		skip();
	refused(-ENOENT, "there is no container one in .");
	make_container("status", getpid());
	scratch_write("one/exec.fifo", "", 0);
	refused(-ESRCH, "container one: it is created and not started");
	scratch_write("one/status", text, strlen(text));
	refused(-ESRCH, "container one: it is not running");
}

static void what_a_user_has_written_is_not_believed(void **state)
{
	(void)state;
	if (getuid() != 0)
		skip();
	make_container("status", getpid());
	assert_int_equal(chown("one/status", 1000, 1000), 0);
	refused(-EPERM, "container one: it is a user's, and not of the host's root");
	assert_int_equal(chown("one/status", 0, 0), 0);
	assert_int_equal(chown("one", 1000, 1000), 0);
	refused(-EPERM, "container one: it is a user's, and not of the host's root");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_files_are_read),
		cmocka_unit_test(each_mistake_has_its_sentence),
		cmocka_unit_test_setup_teardown(a_container_that_runs_is_found, scratch_set_up,
						scratch_tear_down),
		cmocka_unit_test_setup_teardown(one_that_does_not_run_is_refused, scratch_set_up,
						scratch_tear_down),
		cmocka_unit_test_setup_teardown(what_a_user_has_written_is_not_believed,
						scratch_set_up, scratch_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
