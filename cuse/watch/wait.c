/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/watch/wait.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <time.h>

#include "util/program.h"

static volatile sig_atomic_t has_ended;

static void note_end(int number)
{
	(void)number;
	has_ended = 1;
}

/* Blocks the signals except during a wait, so that none gets lost between a check and the wait. */
void wait_catch_signals(void)
{
	const struct sigaction action = { .sa_handler = note_end };
	sigset_t ending;

	program_ending_signals(&ending);
	(void)sigprocmask(SIG_BLOCK, &ending, NULL);
	for (int number = 1; number < NSIG; number++) {
		if (sigismember(&ending, number) == 1)
			(void)sigaction(number, &action, NULL);
	}
}

int wait_for(int fd, int timeout_ms)
{
	const struct timespec timeout = { timeout_ms / 1000, timeout_ms % 1000 * 1000000L };
	struct pollfd readable = { .fd = fd, .events = POLLIN };
	sigset_t none;
	int n;

	(void)sigemptyset(&none);
	n = ppoll(&readable, 1, timeout_ms < 0 ? NULL : &timeout, &none);
	if (has_ended != 0)
		return -EINTR;
	return n > 0;
}
