/* SPDX-License-Identifier: BSD-3-Clause */
/* vtpm-runtime as a program: what the real runtime gets of what its caller left. */
#include "tests/unit/unit.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/cleanup.h"

#define SIGNALS_LEN 256

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
	const char *dir = getenv("BUILDDIR");
	char program[4096];

	(void)state;
	(void)snprintf(program, sizeof(program), "%s/vtpm-runtime", dir != NULL ? dir : ".");
	for (int ignored = 0; ignored <= 1; ignored++) {
		char expected[SIGNALS_LEN], got[SIGNALS_LEN];

		signals_of("/bin/cat", direct, ignored == 1, expected);
		signals_of(program, in_front, ignored == 1, got);
		assert_string_equal(got, expected);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_real_runtime_gets_the_signals_as_they_were_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
