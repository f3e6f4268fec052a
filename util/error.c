/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Appends to a full text are cut: a short line beats an allocation that can fail. */
static void append(struct error *err, const char *text)
{
	size_t used = strlen(err->text);

	(void)snprintf(err->text + used, sizeof(err->text) - used, "%s", text);
}

static void write_text(struct error *err, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

static void write_text(struct error *err, const char *format, va_list args)
{
	(void)vsnprintf(err->text, sizeof(err->text), format, args);
}

static const char *reason(int errnum)
{
	/* glibc (since 2.32) and musl have a text for each thread. */
	return errnum == ENOTREG ? "Not a regular file" : strerror(errnum);
}

int error_set(struct error *err, int errnum, const char *format, ...)
{
	va_list args;

	if (err == NULL)
		return -errnum;

	va_start(args, format);
	write_text(err, format, args);
	va_end(args);
	append(err, ": ");
	append(err, reason(errnum));
	return -errnum;
}

int error_say(struct error *err, int errnum, const char *format, ...)
{
	va_list args;

	if (err == NULL)
		return -errnum;

	va_start(args, format);
	write_text(err, format, args);
	va_end(args);
	return -errnum;
}

int error_prefix(struct error *err, int r, const char *format, ...)
{
	struct error old;
	va_list args;

	if (err == NULL)
		return r;

	old = *err;
	va_start(args, format);
	write_text(err, format, args);
	va_end(args);
	append(err, ": ");
	append(err, old.text);
	return r;
}
