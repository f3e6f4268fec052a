/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where a secret is, in words: file=PATH, fd=N or credential=NAME (of $CREDENTIALS_DIRECTORY).
 */
#ifndef VTPM_UTIL_SECRET_SOURCE_H
#define VTPM_UTIL_SECRET_SOURCE_H

#include <stddef.h>

struct error;
struct secret;

enum secret_source {
	SECRET_ITSELF, /* pass=WORDS, or words that begin with no form: the secret is in them */
	SECRET_FILE,
	SECRET_FD,
	SECRET_CREDENTIAL,
};

/* Pure: the form of TEXT, and *VALUE what follows it, which points into TEXT. */
enum secret_source secret_source(const char *text, const char **value);

/* Pure: reads a decimal descriptor number, the value of SECRET_FD; -EINVAL when it is none. */
int secret_source_number(const char *value, int *fd);

/*
 * Reads all, 1 to MOST bytes, of what TEXT names, and closes an fd=N. -EINVAL, with a sentence that
 * does not repeat it, when TEXT is the secret itself.
 */
int secret_source_read(const char *text, size_t most, struct secret **ret, struct error *err);

/* Closes an fd=N, when TEXT (which may be NULL) is one: nobody needs what it gives. */
void secret_source_discard(const char *text);

#endif
