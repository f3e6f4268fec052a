/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Lines for the administrator. Programs log; modules return errors.
 * err: failed; warn: failed, but we go on; info: start, stop, saved; debug: the rest.
 */
#ifndef VTPM_UTIL_LOG_H
#define VTPM_UTIL_LOG_H

struct error;

/* The numbers are syslog's, which journald reads from a "<N>" prefix. */
enum log_level {
	LOG_LEVEL_ERR = 3,
	LOG_LEVEL_WARN = 4,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7,
};

/* Before the first line; the program's name begins every line that is not for journald. */
void log_init(const char *program, enum log_level most);

/* Appends to PATH (0600, never through a symlink) instead of standard error. */
int log_to_file(const char *path, struct error *err);

#define LOG_SYSTEM "/dev/log"

/*
 * Connects with the system log at PATH while it can be reached; a negative errno: nobody is there.
 * Lines go on as before until log_use_system().
 */
int log_open_system(const char *path);

/* From here on lines go there, or nowhere if nobody was; as before if it was never asked for. */
void log_use_system(void);

/* Lines go on where they went, by FD, which is ours: it is replaced, or closed where they went
 * nowhere. */
void log_move_to(int fd);

void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_err(...) log_line(LOG_LEVEL_ERR, __VA_ARGS__)
#define log_warn(...) log_line(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
