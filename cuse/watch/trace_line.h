/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A command and its response on one line. Pure.
 */
#ifndef VTPM_CUSE_CTL_TRACE_LINE_H
#define VTPM_CUSE_CTL_TRACE_LINE_H

#include "tpm/record.h"

#define TRACE_LINE_SIZE 512

/* When, on which of NODES and whose, the command with its handles, the result; no newline. */
void trace_line(const struct record *record, const char *const nodes[static 2],
		char line[static TRACE_LINE_SIZE]);

#endif
