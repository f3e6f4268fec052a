/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Processes that are not our children, told apart from later ones with the same number.
 */
#ifndef VTPM_RUNTIME_HOST_PROCESS_H
#define VTPM_RUNTIME_HOST_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct process {
	pid_t pid;      /* 0: none */
	uint64_t start; /* clock ticks since boot */
};

/* Reads the parent and the start time from the text of /proc/PID/stat. Pure. */
int process_parse_stat(const char *text, pid_t *parent, uint64_t *start, char *state);

/* -ESRCH when there is no such process, or only its remains. */
int process_identify(pid_t pid, struct process *ret);
bool process_lives(const struct process *process);

/* 0 when there is none. */
pid_t process_parent(pid_t pid);

/*
 * The value of a variable in the environment that the process was started with; -ENOENT,
 * -ENAMETOOLONG.
 */
int process_variable(pid_t pid, const char *name, char *ret, size_t size);

/* A pidfd of exactly this process; -ESRCH when it is gone. */
int process_open(const struct process *process);

#endif
