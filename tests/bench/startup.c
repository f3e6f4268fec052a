/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bench-startup: how long it takes from exec of a server until its node answers a command, what its
 * threads have used of the processor by then, and how long from SIGTERM until it is gone.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "tests/bench/timing.h"
#include "tests/bench/workload.h"
#include "util/bytes.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/file.h"
#include "util/options.h"

#define ARGUMENTS_MAX 32
#define TIMEOUT_MS 10000

struct config {
	const char *target, *command, *node, *pid_file;
	uint32_t rounds;
};

static const struct option_spec specs[] = {
	{ "target", 't', "NAME", "what the result calls the server", option_string,
	  offsetof(struct config, target) },
	{ "command", 'c', "NAME", "what the result calls the start", option_string,
	  offsetof(struct config, command) },
	{ "node", 'n', "NAME", "the server makes /dev/NAME", option_string,
	  offsetof(struct config, node) },
	{ "pid-file", 'p', "FILE", "where the server that has gone to the background tells its PID",
	  option_string, offsetof(struct config, pid_file) },
	{ "rounds", 'r', "N", "how often (default 20)", option_u32,
	  offsetof(struct config, rounds) },
	{ 0 },
};

/* Of each round, in microseconds. */
struct samples {
	double *start, *cpu, *stop;
};

static void sleep_ms(long ms)
{
	(void)nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
}

/* Each @ in the command line is the number of the round: a directory that is new each time. */
static void fill_in(char **argv, uint32_t round, char room[][256], char **ret)
{
	int i;

	for (i = 0; argv[i] != NULL && i < ARGUMENTS_MAX - 1; i++) {
		const char *at = strchr(argv[i], '@');

		ret[i] = argv[i];
		if (at == NULL)
			continue;
		(void)snprintf(room[i], sizeof(room[i]), "%.*s%u%s", (int)(at - argv[i]), argv[i],
			       round, at + 1);
		ret[i] = room[i];
	}
	ret[i] = NULL;
}

/* The node is there before the device behind it: ENXIO and ENODEV pass. */
static int open_node(const char *path, int watch)
{
	struct pollfd poll_fd = { .fd = watch, .events = POLLIN };
	char events[4096];

	for (;;) {
		int fd = open(path, O_RDWR | O_CLOEXEC);

		if (fd >= 0)
			return fd;
		if (errno != ENOENT && errno != ENXIO && errno != ENODEV)
			return -errno;
		if (errno != ENOENT)
			(void)sched_yield();
		else if (poll(&poll_fd, 1, TIMEOUT_MS) <= 0)
			return -ETIMEDOUT;
		else
			(void)!read(watch, events, sizeof(events));
	}
}

static int ask(int fd)
{
	static const uint8_t get_random[12] = { 0x80, 1, 0, 0, 0, 12, 0, 0, 1, 0x7b, 0, 8 };
	uint8_t response[TPM_COMMAND_MAX];
	ssize_t n = write(fd, get_random, sizeof(get_random));

	if (n == sizeof(get_random))
		n = read(fd, response, sizeof(response));
	if (n < 0)
		return -errno;
	return n == 20 && get_be32(response + 6) == 0 ? 0 : -EPROTO;
}

static pid_t server_pid(const struct config *config, pid_t child)
{
	cleanup_free char *text = NULL;

	if (config->pid_file == NULL)
		return child;
	for (int i = 0; i < 1000; i++) {
		if (read_path(config->pid_file, 32, &text, NULL) == 0 && text[0] != '\0')
			return (pid_t)strtol(text, NULL, 10);
		free(take_ptr(text));
		sleep_ms(1);
	}
	return child;
}

/* What all threads have used of a processor by now. */
static double cpu_of(pid_t pid)
{
	cleanup_with(closedirp) DIR *dir = NULL;
	const struct dirent *thread;
	char path[300];
	double sum = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	dir = opendir(path);
	while (dir != NULL && (thread = readdir(dir)) != NULL) {
		cleanup_free char *text = NULL;

		(void)snprintf(path, sizeof(path), "/proc/%d/task/%.20s/schedstat", (int)pid,
			       thread->d_name);
		if (thread->d_name[0] != '.' && read_path(path, 128, &text, NULL) == 0)
			sum += strtod(text, NULL) / 1e3;
	}
	return sum;
}

/* Who has gone to the background has left a process behind that did the first steps. */
static double cpu_of_parent(pid_t pid, pid_t child)
{
	struct rusage usage = { 0 };

	if (pid != child)
		(void)wait4(child, NULL, 0, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/* Takes away what fuse_as_cuse.c leaves, as the node is no device then. */
static void remove_stand_in(const char *path)
{
	char file[300];
	ssize_t n = readlink(path, file, sizeof(file) - 1);

	if (n < 0)
		return;
	file[n] = '\0';
	(void)umount2(file, MNT_DETACH);
	(void)unlink(file);
	(void)unlink(path);
}

/* How long that takes. */
static double end_server(const struct config *config, const char *path, pid_t pid, pid_t child)
{
	cleanup_close int pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd gone = { .fd = pid_fd, .events = POLLIN };
	double began = timing_now(), took;

	(void)kill(pid, SIGTERM);
	(void)poll(&gone, 1, TIMEOUT_MS);
	took = timing_now() - began;
	if (pid == child)
		(void)waitpid(child, NULL, 0);
	remove_stand_in(path);
	while (access(path, F_OK) == 0)
		sleep_ms(1);
	if (config->pid_file != NULL)
		(void)unlink(config->pid_file);
	return took;
}

static int start_once(const struct config *config, char **argv, struct samples *samples,
		      uint32_t round, struct error *err)
{
	cleanup_close int watch = inotify_init1(IN_CLOEXEC);
	double start;
	char path[300];
	pid_t child, pid;
	int fd, r;

	(void)snprintf(path, sizeof(path), "/dev/%s", config->node);
	if (watch < 0 || inotify_add_watch(watch, "/dev", IN_CREATE) < 0)
		return error_set(err, errno, "watch /dev");
	start = timing_now();
	child = vfork();
	if (child == 0) {
		(void)execvp(argv[0], argv);
		_exit(127);
	}
	fd = open_node(path, watch);
	r = fd < 0 ? fd : ask(fd);
	samples->start[round] = timing_now() - start;
	pid = server_pid(config, child);
	samples->cpu[round] = cpu_of(pid) + cpu_of_parent(pid, child);
	if (fd >= 0)
		(void)close(fd);
	samples->stop[round] = end_server(config, path, pid, child);
	return r < 0 ? error_set(err, -r, "start %s", argv[0]) : 0;
}

static void print(const struct config *config, const char *suffix, double *samples)
{
	struct timing timing = timing_of(samples, config->rounds);
	char more[160];

	(void)snprintf(more, sizeof(more), "\"target\":\"%s\",\"command\":\"%s%s\"", config->target,
		       config->command, suffix);
	timing_print(&timing, more);
}

static int run(const struct config *config, char **argv, struct error *err)
{
	cleanup_free double *all = calloc(3UL * config->rounds, sizeof(*all));
	struct samples samples = { all, all + config->rounds, all + 2UL * config->rounds };
	char room[ARGUMENTS_MAX][256];
	char *arguments[ARGUMENTS_MAX];
	int r = 0;

	if (all == NULL)
		return error_set(err, ENOMEM, "keep samples");
	for (uint32_t i = 0; i < config->rounds && r == 0; i++) {
		fill_in(argv, i, room, arguments);
		r = start_once(config, arguments, &samples, i, err);
	}
	if (r < 0)
		return r;
	print(config, "", samples.start);
	print(config, "-cpu", samples.cpu);
	print(config, "-stop", samples.stop);
	return 0;
}

int main(int argc, char **argv)
{
	struct config config = {
		.target = "vtpm-cuse", .command = "start", .node = "bench", .rounds = 20
	};
	struct error err = { "" };
	int first, r;

	r = options_parse(specs, argc, argv, &config, &first, &err);
	if (r == 0 && (argc == first || config.rounds == 0))
		r = error_say(&err, EINVAL, "usage: bench-startup [OPTION...] -- SERVER [ARG...]");
	if (r == 0)
		r = run(&config, argv + first, &err);
	if (r < 0)
		(void)fprintf(stderr, "bench-startup: %s\n", err.text);
	return r < 0;
}
