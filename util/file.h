/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Files: whole reads and writes, and files that are there whole or not at all.
 */
#ifndef VTPM_UTIL_FILE_H
#define VTPM_UTIL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct error;

/* Writes all of it, through signals and short writes; with a negative OFFSET as write_all(). */
int write_all(int fd, const void *data, size_t len);
int pwrite_all(int fd, const void *data, size_t len, off_t offset);

/* Reads until LEN bytes or the end of the file; returns how many bytes there were. */
ssize_t read_full(int fd, void *data, size_t len);
ssize_t pread_full(int fd, void *data, size_t len, off_t offset);

/*
 * Reads a text of at most MOST bytes to its end; *RET is allocated, the caller frees it, and a NUL
 * stands behind the *LEN bytes. -EFBIG when there is more. LEN may be NULL. What was read before a
 * failure is wiped.
 */
int read_whole(int fd, size_t most, char **ret, size_t *len);

/*
 * Opens, with FLAGS, DIR_FD's file NAME, which O_CREAT makes with 0600; returns the descriptor or a
 * negative errno. -ELOOP when it is a symbolic link, -EISDIR, -ENOTREG when it is something else.
 */
int open_regular(int dir_fd, const char *name, int flags);

/*
 * Opens a file that a user named, to read it: links are followed, and a pipe without a name, as
 * /dev/stdin or <(...) may be, is fine. -EISDIR; -ENOTREG when it is something else.
 */
int open_input(const char *path);

/* As read_whole(), of what open_regular() opens. */
int read_file(int dir_fd, const char *name, size_t most, char **ret, size_t *len);

/* As read_whole(), of what open_input() opens. */
int read_path(const char *path, size_t most, char **ret, size_t *len);

/*
 * Replaces DIR_FD's file NAME with a new one of MODE: whole or not at all, also over a power loss.
 */
int replace_file(int dir_fd, const char *name, const void *data, size_t len, mode_t mode);

/* Gives the new file FD, which has its bytes, mode 0600 and no name yet, what it is to have. */
typedef int file_preparer(int fd, const void *context);

/* The same; when PREPARE fails, the old file stays. */
int replace_file_with(int dir_fd, const char *name, const void *data, size_t len,
		      file_preparer *prepare, const void *context);

/*
 * As replace_file(), but -EEXIST when NAME is there already. A crash leaves no other file where the
 * file system has files without a name, else perhaps one called .NAME.XXXXXXXX, in hex digits.
 */
int create_file(int dir_fd, const char *name, const void *data, size_t len, mode_t mode);

/*
 * A file in memory with these bytes, at its beginning, for another process to read: a descriptor or
 * a negative errno. NAME is for who looks at it in /proc; FLAGS are of memfd_create(2).
 */
int memory_file(const char *name, unsigned int flags, const void *data, size_t len);

/*
 * Writes to a file that a user named: as replace_file() where there is none or a regular one. What
 * is something else (a FIFO, a device, a symbolic link) stays what it is, and is written to.
 */
int write_output(const char *path, const void *data, size_t len, mode_t mode);

#endif
