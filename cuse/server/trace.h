/* SPDX-License-Identifier: BSD-3-Clause */
/* A control connection that gets a copy of the clients' commands and the TPM's responses. */
#ifndef VTPM_CUSE_SERVER_TRACE_H
#define VTPM_CUSE_SERVER_TRACE_H

#include <jansson.h>

struct control_asker;
struct error;

/*
 * The begin() of the control command, for root only; CONTEXT is the vTPM. With "secrets" the copy
 * includes secrets.
 */
int trace_begin(void *context, const json_t *request, struct control_asker *asker,
		struct error *err);

#endif
