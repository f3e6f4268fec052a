/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a program makes of the surroundings that its caller started it in, and what it leaves it.
 */
#ifndef VTPM_UTIL_PROGRAM_H
#define VTPM_UTIL_PROGRAM_H

#include <errno.h>
#include <signal.h>
#include <stdbool.h>

struct error;

/*
 * The first call of every main. Whatever the caller left behind: no file that is opened becomes
 * standard input, output or error, a write that cannot be done fails instead of ending or stopping
 * the program, no signal is blocked, and children can be waited for. Ends the program when there
 * are no descriptors left.
 */
void program_start(void);

/*
 * What would end a program without being a fault of its own: SIGTERM and SIGINT, a terminal that is
 * gone, a limit, a timer of who started it. A signal that is ignored, as by nohup, is left out.
 */
void program_ending_signals(sigset_t *set);

/* Whether the caller has handed FD over; one of the standard ones may be only a stand-in. */
bool program_has_fd(int fd);

/* Prints "NAME VERSION", as --version of every program does; the exit status. */
int program_print_version(const char *name);

/* What was printed and could not be written is a failure. Behind all that prints. */
int program_flush_output(struct error *err);

/* Closes FIRST and all that follow. */
void close_from(int first);

/* Keeps FIRST and all that follow from programs that this process starts. */
void close_on_exec_from(int first);

/* Exit statuses of the programs, as their manual pages list them. */
enum exit_status {
	EXIT_STATUS_FAILURE = 1,
	EXIT_STATUS_USAGE = 2,
	EXIT_STATUS_LOCKED = 3,  /* another process has the state */
	EXIT_STATUS_KEY = 4,     /* a wrong key, a key of the wrong kind, or none */
	EXIT_STATUS_CORRUPT = 5, /* the state does not verify */
	EXIT_STATUS_TAKEN = 6,   /* the name or the dev_t */
	EXIT_STATUS_NO_CUSE = 7, /* no /dev/cuse */
	EXIT_STATUS_NO_VTPM = 8, /* no server of that name */
};

static inline int exit_status(int r)
{
	switch (r) {
	case 0:
		return 0;
	case -EBUSY:
		return EXIT_STATUS_LOCKED;
	case -EKEYREJECTED:
	case -ENOKEY:
		return EXIT_STATUS_KEY;
	case -EBADMSG:
		return EXIT_STATUS_CORRUPT;
	case -EEXIST:
		return EXIT_STATUS_TAKEN;
	case -ENODEV:
		return EXIT_STATUS_NO_CUSE;
	case -ECONNREFUSED:
		return EXIT_STATUS_NO_VTPM;
	default:
		return EXIT_STATUS_FAILURE;
	}
}

#endif
