/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Registers that are to be quoted, or were. Pure.
 */
#ifndef VTPM_VERIFY_QUOTE_SELECTION_H
#define VTPM_VERIFY_QUOTE_SELECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "verify/log/bank.h"

struct error;

/* The registers of one bank: bit N stands for register N. */
struct pcr_selection {
	const struct bank *bank;
	uint32_t pcrs;
};

/* That of BANK among COUNT, or NULL. */
const struct pcr_selection *pcr_selection_find(const struct pcr_selection *all, size_t count,
					       const struct bank *bank);

/*
 * Reads a selection as tpm2_quote(1) has it, "sha256:12,13+sha384:12"; *COUNT is how many banks
 * there are. -EINVAL.
 */
int pcr_selection_parse(const char *text, struct pcr_selection ret[static BANKS_MOST],
			size_t *count, struct error *err);

#endif
