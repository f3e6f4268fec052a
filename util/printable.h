/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Names of files are any bytes; what is shown of them, or put into JSON, is text.
 */
#ifndef VTPM_UTIL_PRINTABLE_H
#define VTPM_UTIL_PRINTABLE_H

#include <stdbool.h>
#include <stddef.h>

/* Whether all of TEXT is UTF-8, with control characters or without. Pure. */
bool text_is_utf8(const char *text);

/* How many bytes of TEXT are printable: up to a control character or what is not UTF-8. Pure. */
size_t text_printable_length(const char *text);

/*
 * TEXT with \xHH in the place of each byte that is a control character or part of nothing in UTF-8,
 * on one line therefore; the caller frees it. NULL without memory. Pure.
 */
char *text_printable(const char *text);

#endif
