/* SPDX-License-Identifier: BSD-3-Clause */
/* The TSS's "cmd" transport: commands on a program's standard input, responses on its output. */
#ifndef VTPM_TESTS_COMMON_PIPE_H
#define VTPM_TESTS_COMMON_PIPE_H

#include <stddef.h>
#include <stdint.h>

#include "tpm/command.h"

/* The next command: its length, 0 at the end; -EMSGSIZE, -EIO: what came is none. */
int pipe_read_command(uint8_t command[static TPM_COMMAND_MAX]);

#endif
