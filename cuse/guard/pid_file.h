/* SPDX-License-Identifier: BSD-3-Clause */
/* The file with the server's process ID. Problems show up before anything else is made. */
#ifndef VTPM_CUSE_SERVER_PID_FILE_H
#define VTPM_CUSE_SERVER_PID_FILE_H

struct error;
struct leftovers;

struct pid_file {
	const char *path; /* NULL: no pid file is wanted */
	const char *name; /* in its directory */
	int dir_fd;
	int other_fd; /* a FIFO, a device or a link's target: written to, never removed */
};

/* Opens the directory of PATH (borrowed, may be NULL). If PATH is a FIFO, waits for its reader. */
int pid_file_prepare(struct pid_file *file, const char *path, struct error *err);

/* Writes the file in one step, and has LEFTOVERS remove it. */
int pid_file_write(const struct pid_file *file, struct leftovers *leftovers, struct error *err);

/* Closes the directory: a server keeps only its own directory open. */
void pid_file_done(struct pid_file *file);

#endif
