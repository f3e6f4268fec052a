/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One text over a UNIX socket to whoever asks by HTTP.
 */
#ifndef VTPM_CUSE_CTL_HTTP_H
#define VTPM_CUSE_CTL_HTTP_H

#include <stddef.h>

struct error;

/* The head of a request is no longer than this. */
#define HTTP_REQUEST_MAX 4096

/*
 * The status for what has come of a request so far: 0: more is to come; 200: it asks for the
 * metrics; 400, 404, 405, 431. Pure.
 */
int http_judge(const char *request, size_t len);

/* The caller frees *TEXT. */
typedef int http_text(char **text, size_t *len, struct error *err);

/*
 * Listens at PATH, for our own user alone, until wait_for() tells the end, and answers each with
 * what MAKE makes then. A socket there that nobody listens at is replaced.
 */
int http_serve(const char *path, http_text *make, struct error *err);

#endif
