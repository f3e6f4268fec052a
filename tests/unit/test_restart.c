/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/lease_fixture.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/lease/book.h"
#include "runtime/life/hook.h"
#include "runtime/life/restart.h"
#include "util/cleanup.h"
#include "util/error.h"

/* Notes what it was told, says that it serves, and lives until it is killed. */
static const char server[] = "#!/bin/sh\n"
			     "echo \"$@\" >\"${0%/*}/told\"\n"
			     "while [ \"$1\" != --ready-fd ]; do shift; done\n"
			     "eval \"echo >&$2\"\n"
			     "exec sleep 1000\n";

static const char config[] =
	"{\"root\": {\"path\": \"rootfs\"}, \"linux\": {\"resources\": {\"vtpms\":"
	" [{\"vtpmName\": \"0\", \"statePath\": \"/state/one\","
	" \"vtpmVersion\": \"1.2\"}]}}}";

static struct hook hook_of(const char *dir)
{
	static char program[PATH_MAX], conf[PATH_MAX];
	struct hook hook = { .programs = { .run_dir = dir, .lib_dir = dir } };

	(void)snprintf(program, sizeof(program), "%s/server", dir);
	(void)snprintf(conf, sizeof(conf), "%s/none.conf", dir);
	hook.programs.server = hook.programs.setup = program;
	hook.config = conf;
	hook.class_dir = dir;
	return hook;
}

/* Its first process is this one; its server has ended, if it ever was. */
static struct lease *lease_in(const char *dir, const char *id)
{
	struct lease *lease = lease_fixture(id, 4);
	struct lease_vtpm *vtpm = &lease->vtpms[0];

	assert_int_equal(process_identify(getpid(), &lease->init), 0);
	(void)strcpy(lease->bundle, dir);
	vtpm->server = (struct process){ .pid = getpid(), .start = 1 };
	vtpm->state_id = (struct file_id){ 0 };
	(void)snprintf(vtpm->state_path, sizeof(vtpm->state_path), "%s/state", dir);
	return lease;
}

static void put(const char *dir, const struct lease *lease)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;

	assert_int_equal(lease_book_open(dir, &book, NULL), 0);
	assert_int_equal(lease_book_put(book, lease, NULL), 0);
}

static void set_up(void)
{
	scratch_write("server", server, strlen(server));
	scratch_write("config.json", config, strlen(config));
	assert_int_equal(chmod("server", 0700), 0);
	assert_int_equal(mkdir("state", 0700), 0);
	scratch_write("state/tpm.permanent", "x", 1);
}

static void expect_refusal(const char *dir, const char *id, int r, const char *text)
{
	struct hook hook = hook_of(dir);
	struct error err;
	size_t count;

	assert_int_equal(container_restart(&hook, id, &count, &err), r);
	assert_string_equal(err.text, text);
	assert_int_equal(count, 0);
	assert_false(scratch_exists("told"));
}

static void end_server(const struct lease *lease)
{
	pid_t pid = lease->vtpms[0].server.pid;

	assert_true(pid != getpid());
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void a_dead_server_starts_again_with_what_it_was_told(void **state)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	cleanup_free struct lease *lease = lease_in(*state, "one"), *again = NULL;
	cleanup_free uint8_t *told = NULL;
	struct hook hook = hook_of(*state);
	struct error err = { "" };
	size_t count, len;

	set_up();
	put(*state, lease);
	assert_true(server_is_dead(lease, &lease->vtpms[0]));
	assert_int_equal(container_restart(&hook, "one", &count, &err), 0);
	assert_int_equal(count, 1);
	scratch_read("told", &told, &len);
	assert_non_null(memmem(told, len, "--tpm-version 1.2", 17));
	assert_non_null(memmem(told, len, "--major 120 --minor 4", 21));
	assert_non_null(memmem(told, len, "--name tpm-abcdef-one-0", 23));
	assert_null(memmem(told, len, "manufacture", 11));

	assert_int_equal(lease_book_open(*state, &book, NULL), 0);
	assert_int_equal(lease_book_read(book, "abcdef-one", &again, NULL), 0);
	assert_int_equal(again->worker.pid, 0);
	assert_false(server_is_dead(again, &again->vtpms[0]));
	assert_true(process_lives(&again->vtpms[0].server));
	end_server(again);
}

static void what_cannot_be_started_again_is_said(void **state)
{
	cleanup_free struct lease *lease = lease_in(*state, "one");
	char text[PATH_MAX + 64];

	expect_refusal(*state, "one", -ENOENT, "no container one has vTPMs; see vtpm-hook list");
	set_up();
	(void)strcpy(lease->vtpms[0].nodes[0].path, "/dev/tpm7");
	put(*state, lease);
	expect_refusal(*state, "one", -ENOENT,
		       "container one: vTPM /dev/tpm7: config.json of its bundle has it no more");
	(void)strcpy(lease->vtpms[0].nodes[0].path, "/dev/tpm0");
	put(*state, lease);
	assert_int_equal(unlink("state/tpm.permanent"), 0);
	(void)snprintf(text, sizeof(text),
		       "container one: vTPM /dev/tpm0: there is no state in %s/state",
		       (char *)*state);
	expect_refusal(*state, "one", -ENOENT, text);
	lease->vtpms[0].state_path[0] = '\0';
	put(*state, lease);
	expect_refusal(*state, "one", -ENOENT,
		       "container one: vTPM /dev/tpm0: its state was in the memory of its server, "
		       "and has gone with it: start the container anew");
}

static void only_a_container_that_runs_and_is_alone_is_worked_on(void **state)
{
	cleanup_free struct lease *lease = lease_in(*state, "one");
	cleanup_free struct lease *other = lease_in(*state, "one");
	struct process gone = { .pid = getpid(), .start = 1 };

	set_up();
	lease->worker = lease->init;
	put(*state, lease);
	assert_false(server_is_dead(lease, &lease->vtpms[0]));
	expect_refusal(*state, "one", -EAGAIN, "container one: another process works on its vTPMs");
	lease->worker = (struct process){ 0 };
	lease->init = gone;
	put(*state, lease);
	assert_false(server_is_dead(lease, &lease->vtpms[0]));
	expect_refusal(*state, "one", -ESRCH, "container one does not run");
	(void)strcpy(other->hash, "fedcba");
	put(*state, other);
	expect_refusal(*state, "one", -EINVAL,
		       "several runtimes have a container one: give --root");
}

static void a_server_that_serves_is_left_alone(void **state)
{
	cleanup_free struct lease *lease = lease_in(*state, "one");
	struct hook hook = hook_of(*state);
	size_t count = 7;

	set_up();
	lease->vtpms[0].server = lease->init;
	put(*state, lease);
	assert_int_equal(container_restart(&hook, "one", &count, NULL), 0);
	assert_int_equal(count, 0);
	assert_false(scratch_exists("told"));
}

#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, scratch_set_up, scratch_tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		FILE_TEST(a_dead_server_starts_again_with_what_it_was_told),
		FILE_TEST(what_cannot_be_started_again_is_said),
		FILE_TEST(only_a_container_that_runs_and_is_alone_is_worked_on),
		FILE_TEST(a_server_that_serves_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
