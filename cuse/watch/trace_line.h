/* SPDX-License-Identifier: BSD-3-Clause */
/* Formats a command and its response as one line. Pure. */
#ifndef VTPM_CUSE_CTL_TRACE_LINE_H
#define VTPM_CUSE_CTL_TRACE_LINE_H

#include "tpm/record.h"

#define TRACE_LINE_SIZE 512

/*
 * Writes the time, the node (by NODES), the open, the command with its handles, and the result; no
 * newline.
 */
void trace_line(const struct record *record, const char *const nodes[static 2],
		char line[static TRACE_LINE_SIZE]);

#endif
