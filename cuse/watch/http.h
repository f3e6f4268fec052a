/* SPDX-License-Identifier: BSD-3-Clause */
/* Serves one text over a UNIX socket by HTTP. */
#ifndef VTPM_CUSE_CTL_HTTP_H
#define VTPM_CUSE_CTL_HTTP_H

#include <stddef.h>

struct error;

/* The head of a request is no longer than this. */
#define HTTP_REQUEST_MAX 4096

/*
 * Judges the bytes of a request so far. 0: incomplete; 200: it asks for the metrics; else the
 * status of the refusal: 400, 404, 405, 431. Pure.
 */
int http_judge(const char *request, size_t len);

/* The caller frees *TEXT. */
typedef int http_text(char **text, size_t *len, struct error *err);

/*
 * Listens at PATH, for this process's user only, until wait_for() reports the end. Answers each
 * request with a new text from MAKE. Replaces a stale socket at PATH.
 */
int http_serve(const char *path, http_text *make, struct error *err);

#endif
