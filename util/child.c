/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/clock.h"
#include "util/error.h"
#include "util/file.h"
#include "util/pidfd.h"
#include "util/program.h"

/* Of what a program says on standard error the end is kept: the cause is usually there. */
#define COMPLAINT_MAX 512

struct child {
	const struct child_request *request;
	pid_t pid; /* 0: not running */
	int pidfd, input, output, complaint;
	uint8_t *bytes;
	size_t len;
	char words[COMPLAINT_MAX];
	size_t words_len;
};

/* Signals that would end us are kept waiting until the program is gone, too. */
struct held_signals {
	int fd; /* readable when one waits */
	sigset_t before;
};

static int hold_signals(struct held_signals *held)
{
	sigset_t ending;

	program_ending_signals(&ending);
	held->fd = signalfd(-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK);
	if (held->fd < 0)
		return -errno;
	(void)pthread_sigmask(SIG_BLOCK, &ending, &held->before);
	return 0;
}

static void held_signals_done(const struct held_signals *held)
{
	if (held->fd < 0)
		return;
	(void)close(held->fd);
	(void)pthread_sigmask(SIG_SETMASK, &held->before, NULL);
}

static void child_done(struct child *child)
{
	if (child->pid > 0) {
		(void)kill(-child->pid, SIGKILL);
		(void)waitpid(child->pid, NULL, 0);
	}
	closep(&child->pidfd);
	closep(&child->input);
	closep(&child->output);
	closep(&child->complaint);
	free(child->bytes);
}

static int make_input(struct child *child)
{
	child->input =
		memory_file("input", MFD_CLOEXEC, child->request->input, child->request->input_len);
	return child->input < 0 ? child->input : 0;
}

/* A process group of its own, no signal blocked, SIGPIPE and the like as a program expects. */
static int set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none, defaults;

	(void)sigemptyset(&none);
	(void)sigfillset(&defaults);
	(void)posix_spawnattr_setpgroup(attributes, 0);
	(void)posix_spawnattr_setsigmask(attributes, &none);
	(void)posix_spawnattr_setsigdefault(attributes, &defaults);
	return posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
							    POSIX_SPAWN_SETSIGDEF);
}

static int spawn_with(struct child *child, int output, int complaint)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	const char *const *environment = child->request->environment;
	int e;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return -ENOMEM;
	if (posix_spawnattr_init(&attributes) != 0) {
		(void)posix_spawn_file_actions_destroy(&actions);
		return -ENOMEM;
	}
	e = set_attributes(&attributes);
	if (e == 0)
		e = posix_spawn_file_actions_adddup2(&actions, child->input, STDIN_FILENO);
	if (e == 0)
		e = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	if (e == 0)
		e = posix_spawn_file_actions_adddup2(&actions, complaint, STDERR_FILENO);
	if (e == 0)
		e = posix_spawn(&child->pid, child->request->argv[0], &actions, &attributes,
				(char *const *)(uintptr_t)child->request->argv,
				environment != NULL ? (char *const *)(uintptr_t)environment
						    : environ);
	if (e != 0)
		child->pid = 0;
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)posix_spawnattr_destroy(&attributes);
	return -e;
}

static int start(struct child *child)
{
	int output[2], complaint[2];
	int r;

	r = make_input(child);
	if (r < 0)
		return r;
	if (pipe2(output, O_CLOEXEC) < 0)
		return -errno;
	child->output = output[0];
	if (pipe2(complaint, O_CLOEXEC) < 0) {
		r = -errno;
		(void)close(output[1]);
		return r;
	}
	child->complaint = complaint[0];
	r = spawn_with(child, output[1], complaint[1]);
	(void)close(output[1]);
	(void)close(complaint[1]);
	if (r < 0)
		return r;
	(void)fcntl(child->output, F_SETFL, O_NONBLOCK);
	(void)fcntl(child->complaint, F_SETFL, O_NONBLOCK);
	child->pidfd = open_pidfd(child->pid);
	return child->pidfd < 0 ? child->pidfd : 0;
}

/* Reads what is there: 1: more may come, 0: the end, or a negative errno. */
static int take_output(struct child *child)
{
	size_t room = child->request->output_max + 1 - child->len;
	ssize_t n = read(child->output, child->bytes + child->len, room);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 1 : -errno;
	child->len += (size_t)n;
	if (child->len > child->request->output_max)
		return -EFBIG;
	return n > 0;
}

static int take_complaint(struct child *child)
{
	char more[COMPLAINT_MAX / 2];
	ssize_t n = read(child->complaint, more, sizeof(more));
	size_t keep = child->words_len;

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 1 : -errno;
	if (keep + (size_t)n > sizeof(child->words))
		keep = sizeof(child->words) - (size_t)n;
	memmove(child->words, child->words + child->words_len - keep, keep);
	memcpy(child->words + keep, more, (size_t)n);
	child->words_len = keep + (size_t)n;
	return n > 0;
}

/* After the end of a stream it is no longer asked: poll() skips a negative descriptor. */
static int take_one(struct child *child, struct pollfd *fd, int (*take)(struct child *child))
{
	int r;

	if (fd->revents == 0)
		return 0;
	r = take(child);
	if (r == 0)
		fd->fd = -1;
	return r < 0 ? r : 0;
}

/* The end of the program ends the reading: what it left behind may hold the streams open. */
static int talk(struct child *child, int signals_fd)
{
	struct pollfd fds[] = { { child->output, POLLIN, 0 },
				{ child->complaint, POLLIN, 0 },
				{ child->pidfd, POLLIN, 0 },
				{ signals_fd, POLLIN, 0 } };
	int64_t end = monotonic_ms() + child->request->timeout_ms;

	for (;;) {
		int64_t left = end - monotonic_ms();
		int r = poll(fds, 4, left > 0 ? (int)left : 0);

		if (r < 0 && errno != EINTR)
			return -errno;
		if (r == 0)
			return -ETIMEDOUT;
		if (r < 0)
			continue;
		if (fds[3].revents != 0)
			return -ECANCELED;
		r = take_one(child, &fds[0], take_output);
		if (r == 0)
			r = take_one(child, &fds[1], take_complaint);
		if (r < 0)
			return r;
		/* With the program gone, a poll that shows nothing else to read is the last. */
		if (fds[2].revents != 0 && fds[0].revents == 0 && fds[1].revents == 0)
			return 0;
	}
}

/* The last line that is not empty, cut to its printable characters. */
static const char *last_words(struct child *child)
{
	char *end = child->words + child->words_len;
	char *p;

	while (end > child->words && (end[-1] == '\n' || end[-1] == '\r' || end[-1] == ' '))
		end--;
	if (end == child->words + sizeof(child->words))
		end--;
	*end = '\0';
	for (p = end; p > child->words && p[-1] != '\n'; p--) {
		if ((unsigned char)p[-1] < ' ' || p[-1] == 0x7f)
			p[-1] = ' ';
	}
	return p;
}

static int judge(struct child *child, struct error *err)
{
	const char *program = child->request->argv[0];
	const char *words = last_words(child);
	pid_t group = child->pid;
	int status;

	if (waitpid(child->pid, &status, 0) < 0)
		return error_set(err, errno, "wait for %s", program);
	child->pid = 0;
	(void)kill(-group, SIGKILL);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFSIGNALED(status))
		return error_say(err, EIO, "%s was killed by signal %d", program, WTERMSIG(status));
	if (words[0] == '\0')
		return error_say(err, EIO, "%s failed with status %d", program,
				 WEXITSTATUS(status));
	return error_say(err, EIO, "%s failed with status %d: %s", program, WEXITSTATUS(status),
			 words);
}

/* Lets the program run; what it did and said is in CHILD. */
static int run_child(struct child *child, int signals_fd, struct error *err)
{
	const struct child_request *request = child->request;
	const char *program = request->argv[0];
	int r = start(child);

	if (r == 0)
		r = talk(child, signals_fd);
	switch (r) {
	case 0:
		return judge(child, err);
	case -ETIMEDOUT:
		return error_say(err, ETIMEDOUT, "%s did not end within %u.%03u s", program,
				 request->timeout_ms / 1000, request->timeout_ms % 1000);
	case -EFBIG:
		return error_say(err, EFBIG, "%s wrote more than %zu bytes", program,
				 request->output_max);
	case -ECANCELED:
		return error_say(err, ECANCELED, "%s was ended, as we are", program);
	default:
		return error_set(err, -r, "run %s", program);
	}
}

int child_run(const struct child_request *request, uint8_t **output, size_t *output_len,
	      struct error *err)
{
	cleanup_with(held_signals_done) struct held_signals held = { .fd = -1 };
	cleanup_with(
		child_done) struct child child = { request, 0, -1, -1, -1, -1, NULL, 0, "", 0 };
	int r;

	child.bytes = malloc(request->output_max + 1);
	if (child.bytes == NULL)
		return error_set(err, ENOMEM, "run %s", request->argv[0]);
	r = hold_signals(&held);
	if (r < 0)
		return error_set(err, -r, "run %s", request->argv[0]);
	r = run_child(&child, held.fd, err);
	if (r < 0)
		return r;
	*output = take_ptr(child.bytes);
	*output_len = child.len;
	return 0;
}
