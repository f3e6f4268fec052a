/* SPDX-License-Identifier: BSD-3-Clause */
/* vtpm-runtime as a program: what the real runtime gets of what its caller left. */
#include "tests/unit/unit.h"
#include "tests/unit/lease_fixture.h"
#include "tests/unit/scratch.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/host/host_root.h"
#include "runtime/lease/book.h"
#include "util/cleanup.h"
#include "util/file.h"

#define SIGNALS_LEN 256

/* Before a test leaves this directory. */
static const char *front_program(void)
{
	static char program[PATH_MAX];
	const char *dir = getenv("BUILDDIR");
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/vtpm-runtime", dir != NULL ? dir : ".");
	if (program[0] == '\0')
		assert_non_null(realpath(path, program));
	return program;
}

/* As an engine that ignores what a write can raise, or as one that ignores nothing. */
static void leave_signals(bool ignored)
{
	static const int signals[] = { SIGPIPE, SIGHUP, SIGXFSZ, SIGTTOU, SIGCHLD };
	sigset_t blocked;

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)signal(signals[i], ignored ? SIG_IGN : SIG_DFL);
	(void)sigemptyset(&blocked);
	if (ignored)
		(void)sigaddset(&blocked, SIGUSR1);
	(void)sigprocmask(SIG_SETMASK, &blocked, NULL);
}

static _Noreturn void call(const char *program, char *const *words, bool ignored, int to)
{
	(void)dup2(to, STDOUT_FILENO);
	leave_signals(ignored);
	(void)execv(program, words);
	_exit(127);
}

/* The lines of /proc/self/status about signals, as PROGRAM that is called with WORDS prints it. */
static void signals_of(const char *program, char *const *words, bool ignored,
		       char signals[static SIGNALS_LEN])
{
	cleanup_with(fclosep) FILE *output = NULL;
	char line[128];
	int ends[2], status;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0)
		call(program, words, ignored, ends[1]);
	(void)close(ends[1]);
	output = fdopen(ends[0], "r");
	assert_non_null(output);
	signals[0] = '\0';
	while (fgets(line, sizeof(line), output) != NULL) {
		if (strncmp(line, "SigBlk", 6) == 0 || strncmp(line, "SigIgn", 6) == 0)
			(void)strncat(signals, line, SIGNALS_LEN - strlen(signals) - 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_non_null(strstr(signals, "SigIgn"));
}

static void the_real_runtime_gets_the_signals_as_they_were_left(void **state)
{
	static char front[] = "vtpm-runtime", cat[] = "cat", target[] = "--vtpm-runtime=/bin/cat",
		    file[] = "/proc/self/status";
	char *const in_front[] = { front, target, file, NULL }, *const direct[] = { cat, file,
										    NULL };

	(void)state;
	for (int ignored = 0; ignored <= 1; ignored++) {
		char expected[SIGNALS_LEN], got[SIGNALS_LEN];

		signals_of("/bin/cat", direct, ignored == 1, expected);
		signals_of(front_program(), in_front, ignored == 1, got);
		assert_string_equal(got, expected);
	}
}

/* In a directory that is no more, as engines are when they have removed a container's. */
static _Noreturn void call_from_nowhere(const char *program, char *const *words, int to)
{
	char dir[] = "/tmp/vtpm-nowhere.XXXXXX";

	if (mkdtemp(dir) == NULL || chdir(dir) < 0 || rmdir(dir) < 0)
		_exit(126);
	(void)dup2(to, STDOUT_FILENO);
	(void)dup2(to, STDERR_FILENO);
	(void)execv(program, words);
	_exit(127);
}

/* What vtpm-runtime in front of echo prints when it is called with the words of LINE. */
static void printed(char *line, char *ret, size_t size)
{
	static char front[] = "vtpm-runtime", target[] = "--vtpm-runtime=/bin/echo",
		    config[] = "--vtpm-config=/etc/passwd";
	char *words[16] = { front, target, config }, *rest = NULL;
	const char *program = front_program();
	int ends[2], status, count = 3;
	ssize_t n;
	pid_t child;

	for (char *word = strtok_r(line, " ", &rest); word != NULL;
	     word = strtok_r(NULL, " ", &rest))
		words[count++] = word;
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0)
		call_from_nowhere(program, words, ends[1]);
	(void)close(ends[1]);
	n = read(ends[0], ret, size - 1);
	(void)close(ends[0]);
	assert_true(n >= 0);
	ret[n] = '\0';
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* Nor a configuration that can be read. */
static void what_is_passed_on_needs_no_directory_and_no_configuration(void **state)
{
	static const char *const calls[] = {
		"--root /nowhere --log /dev/null kill create KILL",
		"--root=/nowhere --log-format json delete --force run",
		"--systemd-cgroup state update",
		"start c",
		"exec --process p.json c create",
		"pause c",
		"resume c",
		"ps --format json c",
		"list",
		"events --stats c",
		"checkpoint --image-path /x c",
		"spec",
		"features",
		"unheard-of create",
		"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		char line[128], expected[130], got[256];

		(void)snprintf(line, sizeof(line), "%s", calls[i]);
		(void)snprintf(expected, sizeof(expected), "%s\n", calls[i]);
		printed(line, got, sizeof(got));
		assert_string_equal(got, expected);
	}
}

/* --- what is refused ------------------------------------------------------------------------- */

/* A vTPM of class "few" for a container that lives, in the book of ./run. */
static void give_one(void)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	cleanup_free struct lease *lease = lease_fixture("living", 10);

	(void)strcpy(lease->vtpms[0].claim.class, "few");
	(void)strcpy(lease->vtpms[0].claim.owner, "root.abcdef");
	assert_int_equal(process_identify(getpid(), &lease->init), 0);
	assert_int_equal(lease_book_open("run", &book, NULL), 0);
	assert_int_equal(lease_book_put(book, lease, NULL), 0);
}

/* The exit status of vtpm-runtime with WORDS; what it and those it calls say is in the file LOG. */
static int call_logged(char *const *words, const char *log)
{
	int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), status;
	pid_t child = fork();

	if (child == 0) {
		(void)dup2(fd, STDERR_FILENO);
		call(front_program(), words, false, fd);
	}
	(void)close(fd);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Of a container in this directory, which is DIR. Its exit status. */
static int create(const char *dir)
{
	static char front[] = "vtpm-runtime", target[] = "--vtpm-runtime=/bin/echo",
		    class[] = "--vtpm-class=few", log[] = "--log=log", command[] = "create",
		    format[] = "--log-format=json", bundle[] = "--bundle=bundle", id[] = "another";
	static char classes[PATH_MAX], run[PATH_MAX], config[PATH_MAX];
	char *const words[] = { front, target, class,   classes, run, config,
				log,   format, command, bundle,  id,  NULL };

	(void)snprintf(classes, sizeof(classes), "--vtpm-class-dir=%s/classes", dir);
	(void)snprintf(run, sizeof(run), "--vtpm-run-dir=%s/run", dir);
	(void)snprintf(config, sizeof(config), "--vtpm-config=%s/none", dir);
	return call_logged(words, "/dev/null");
}

/* crun's users would see no more than that a hook has failed. */
static void a_class_that_has_no_more_is_told_to_the_engine_in_the_runtime_s_log(void **state)
{
	static const char class[] = "{\"stateRoot\": \"memory:\", \"max\": 1}",
			  container[] = "{\"process\": {}, \"root\": {\"path\": \"/usr\"},"
					"\"linux\": {\"namespaces\": [{\"type\": \"mount\"}]}}";
	cleanup_free char *log = NULL, *after = NULL;

	if (host_root_check(NULL) < 0)
		skip();
	assert_int_equal(mkdir("run", 0700) | mkdir("classes", 0700) | mkdir("bundle", 0700), 0);
	scratch_write("classes/few.json", class, strlen(class));
	scratch_write("bundle/config.json", container, strlen(container));
	give_one();
	assert_int_equal(create(*state), 1);
	assert_int_equal(read_path("log", 4096, &log, NULL), 0);
	assert_non_null(strstr(log,
			       "{\"level\":\"error\",\"msg\":\"bundle/config.json: vTPM /dev/tpm0: "
			       "class few: its max of 1 vTPMs are running\""));
	assert_int_equal(read_path("bundle/config.json", 4096, &after, NULL), 0);
	assert_string_equal(after, container);
}

/*
 * How often the script "back", which is the real runtime for vtpm-runtime, was called before WORD
 * COMMAND had an end. CALL is how it calls back.
 */
static size_t calls_until_refused(const char *calls_back, char *command)
{
	static char front[] = "vtpm-runtime", config[] = "--vtpm-config=/nowhere";
	cleanup_free char *said = NULL, *calls = NULL;
	char script[3 * PATH_MAX], target[PATH_MAX + 16];
	char *const words[] = { front, target, config, command, NULL };
	const char *back = scratch_path("back");
	size_t count = 0;

	/* A loop that nobody notices must not be one of the test. */
	(void)snprintf(script, sizeof(script),
		       "#!/bin/sh\necho >>%s\n[ $(wc -l <%s) -lt 5 ] || exit 9\n%s %s "
		       "--vtpm-runtime=%s --vtpm-config=/nowhere \"$@\"\n",
		       scratch_path("calls"), scratch_path("calls"), calls_back, front_program(),
		       back);
	(void)unlink("calls");
	scratch_write("back", script, strlen(script));
	assert_int_equal(chmod("back", 0700), 0);
	(void)snprintf(target, sizeof(target), "--vtpm-runtime=%s", back);
	assert_int_equal(call_logged(words, "log"), 1);
	assert_int_equal(read_path("log", 4096, &said, NULL), 0);
	assert_non_null(strstr(said, "back, the runtime to call, calls vtpm-runtime again: name "
				     "the real one in the configuration"));
	assert_int_equal(read_path("calls", 4096, &calls, &count), 0);
	return count;
}

static void a_runtime_that_calls_back_is_refused_the_second_time(void **state)
{
	static char passed_on[] = "state", created[] = "create";

	(void)state;
	assert_int_equal(calls_until_refused("exec", passed_on), 1);
	assert_int_equal(calls_until_refused("exec", created), 1);
	assert_int_equal(calls_until_refused("", passed_on), 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_real_runtime_gets_the_signals_as_they_were_left),
		cmocka_unit_test(what_is_passed_on_needs_no_directory_and_no_configuration),
		cmocka_unit_test_setup_teardown(
			a_class_that_has_no_more_is_told_to_the_engine_in_the_runtime_s_log,
			scratch_set_up, scratch_tear_down),
		cmocka_unit_test_setup_teardown(
			a_runtime_that_calls_back_is_refused_the_second_time, scratch_set_up,
			scratch_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
