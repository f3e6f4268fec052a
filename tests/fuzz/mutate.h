/* SPDX-License-Identifier: BSD-3-Clause */
/* One TPM 2.0 command made, or changed, so that the TPM reads far into it. Pure. */
#ifndef VTPM_TESTS_FUZZ_MUTATE_H
#define VTPM_TESTS_FUZZ_MUTATE_H

#include <stddef.h>
#include <stdint.h>

#include "tpm/command.h"
#include "tpm/command_layout.h"

/* Numbers that follow from a seed. */
struct chance {
	uint64_t state;
};

/* From 0 to BELOW - 1; 0 when BELOW is 0. */
size_t chance_below(struct chance *chance, size_t below);

/* A command that has no mistakes; whether its handles name something is another question. */
void mutate_make(struct tpm_command *command, struct chance *chance);

/*
 * Changes handles, sessions, parameters or the code. The header's size is right afterwards, and so
 * are mostly the sizes within.
 */
void mutate_command(struct tpm_command *command, const struct command_table *table,
		    struct chance *chance);

/* libFuzzer's, or what stands in for it. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

#endif
