/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The command lines of the programs that work for a container. No secret is ever part of one.
 */
#ifndef VTPM_RUNTIME_SERVER_COMMAND_LINE_H
#define VTPM_RUNTIME_SERVER_COMMAND_LINE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct launch;
struct vtpm_entry;

#define COMMAND_LINE_WORDS 48

struct command_line {
	char *argv[COMMAND_LINE_WORDS + 1];
	size_t count, used;
	char text[10 * PATH_MAX]; /* words that were composed */
};

/* Whether the TPM is to be made by more than its first start. */
bool command_line_manufactures(const struct vtpm_entry *entry);

/* Of vtpm-setup, which makes the TPM, and of vtpm-cuse, which serves it. */
void command_line_setup(struct command_line *line, const struct launch *launch);
void command_line_serve(struct command_line *line, const struct launch *launch);

#endif
