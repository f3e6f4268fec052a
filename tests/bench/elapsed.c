/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bench-elapsed FILE PROGRAM [ARGUMENT...]: appends to FILE how many microseconds PROGRAM took, and
 * how many of a processor it and its children needed; for a program that somebody else starts, as a
 * container runtime does with a hook.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/timing.h"

static double microseconds(const struct timeval *time)
{
	return (double)time->tv_sec * 1e6 + (double)time->tv_usec;
}

int main(int argc, char **argv)
{
	struct rusage usage;
	int status = -1;
	double start;
	FILE *file;
	pid_t pid;

	if (argc < 3)
		return 2;
	start = timing_now();
	pid = vfork();
	if (pid == 0) {
		(void)execv(argv[2], argv + 2);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) < 0)
		return 126;
	start = timing_now() - start;
	file = fopen(argv[1], "a");
	if (file == NULL ||
	    fprintf(file, "%.1f %.1f\n", start,
		    microseconds(&usage.ru_utime) + microseconds(&usage.ru_stime)) < 0 ||
	    fclose(file) != 0)
		return 126;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 125;
}
