/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A control connection that gets a copy of what clients say and the TPM answers.
 */
#ifndef VTPM_CUSE_SERVER_TRACE_H
#define VTPM_CUSE_SERVER_TRACE_H

#include <jansson.h>

struct control_asker;
struct error;

/* The control command, for root: CONTEXT is the vTPM. With "secrets" nothing is left out. */
int trace_begin(void *context, const json_t *request, struct control_asker *asker,
		struct error *err);

#endif
