/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The file with a server's process ID. It serves to end a server whose hook was killed before it
 * could write that ID into its lease. The file is root's: a server neither writes nor removes it.
 */
#ifndef VTPM_RUNTIME_SERVER_PID_FILE_H
#define VTPM_RUNTIME_SERVER_PID_FILE_H

struct process;

/* In the process that becomes the server NAME; RUN_DIR/NAME.pid. */
int server_pid_file_write(const char *run_dir, const char *name);

/* -ESRCH: no server of that name runs, as far as the file tells. */
int server_pid_file_read(const char *run_dir, const char *name, struct process *ret);

#endif
