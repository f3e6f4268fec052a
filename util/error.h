/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One line that says what failed and why, owned by the caller.
 * Functions return 0 or a negative errno and put the sentence here; NULL means "not interested".
 */
#ifndef VTPM_UTIL_ERROR_H
#define VTPM_UTIL_ERROR_H

#include <errno.h>

struct error {
	char text[256];
};

/* "Not a regular file": there is no number for it; Linux uses this one for discs alone. */
#define ENOTREG EMEDIUMTYPE

/* Writes "FORMAT: strerror(errnum)"; returns -errnum. errnum is positive. */
int error_set(struct error *err, int errnum, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Writes FORMAT alone, where it says the cause itself; returns -errnum. */
int error_say(struct error *err, int errnum, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts "FORMAT: " in front of what is there; returns r, the error being passed on. */
int error_prefix(struct error *err, int r, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
