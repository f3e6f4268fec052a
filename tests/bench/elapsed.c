/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bench-elapsed FILE PROGRAM [ARGUMENT...]: appends to FILE how many microseconds PROGRAM took; for
 * a program that somebody else starts, as a container runtime does with a hook.
 */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/timing.h"

int main(int argc, char **argv)
{
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
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return 126;
	start = timing_now() - start;
	file = fopen(argv[1], "a");
	if (file == NULL || fprintf(file, "%.1f\n", start) < 0 || fclose(file) != 0)
		return 126;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 125;
}
