/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/front/again.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "runtime/host/file_id.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/file.h"

#define CMDLINE_MOST (1 << 20)

/* "INTERPRETER [ARGUMENT] SCRIPT WORD..." */
#define SCRIPT_WORDS 3

/*
 * The mark is an interval timer, which survives exec() and which children do not inherit. It would
 * expire after 31 years of processor time; again_check() accepts what is left of it.
 */
#define MARK 1000000000L
#define MARK_LEAST (MARK - 365L * 24 * 3600)

static bool is_marked(void)
{
	struct itimerval timer;

	return getitimer(ITIMER_VIRTUAL, &timer) == 0 && timer.it_value.tv_sec >= MARK_LEAST &&
	       timer.it_value.tv_sec <= MARK;
}

/* Leaves a timer of another program alone. */
void again_mark(void)
{
	const struct itimerval mark = { .it_value = { .tv_sec = MARK } };
	struct itimerval timer;

	if (getitimer(ITIMER_VIRTUAL, &timer) == 0 && timer.it_value.tv_sec == 0 &&
	    timer.it_value.tv_usec == 0)
		(void)setitimer(ITIMER_VIRTUAL, &mark, NULL);
}

/* Whether process PID runs the file PROGRAM, directly or as a script. */
static bool runs(pid_t pid, const char *program)
{
	cleanup_free char *words = NULL;
	const char *word;
	char path[32];
	size_t len;

	(void)snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	if (file_is_same(path, program))
		return true;
	(void)snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	if (read_path(path, CMDLINE_MOST, &words, &len) < 0)
		return false;
	word = words;
	for (int i = 0; i < SCRIPT_WORDS && word < words + len; i++, word += strlen(word) + 1) {
		if (word[0] == '/' && file_is_same(word, program))
			return true;
	}
	return false;
}

int again_check(const char *target, struct error *err)
{
	if (is_marked() || runs(getppid(), target))
		return error_say(err, ELOOP,
				 "%s, the runtime to call, calls vtpm-runtime again: name the real "
				 "one in the configuration",
				 target);
	return 0;
}
