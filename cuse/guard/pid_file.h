/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The file with our process ID: what can be wrong with it is found out before anything is made.
 */
#ifndef VTPM_CUSE_SERVER_PID_FILE_H
#define VTPM_CUSE_SERVER_PID_FILE_H

struct error;
struct leftovers;

struct pid_file {
	const char *path; /* NULL: none was asked for */
	const char *name; /* in its directory */
	int dir_fd;
	int other_fd; /* a FIFO, a device or a link's target, which is written to and stays */
};

/*
 * Opens where PATH will be; it is borrowed, and may be NULL. Waits for who reads it where it is a
 * FIFO.
 */
int pid_file_prepare(struct pid_file *file, const char *path, struct error *err);

/* Writes it, whole from the start, and has LEFTOVERS remove it. */
int pid_file_write(const struct pid_file *file, struct leftovers *leftovers, struct error *err);

/* Of use no more: a server keeps no directory open that is not its own. */
void pid_file_done(struct pid_file *file);

#endif
