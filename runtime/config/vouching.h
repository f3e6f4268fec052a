/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whether and how the host's own TPM vouches for a launch: the member "hostQuote". Pure.
 */
#ifndef VTPM_RUNTIME_CONFIG_VOUCHING_H
#define VTPM_RUNTIME_CONFIG_VOUCHING_H

#include "runtime/config/members.h"
#include "verify/quote/selection.h"

struct vouching {
	bool wanted;
	const char *device; /* borrowed */
	uint32_t key;       /* a handle; 0: a primary key, made from a fixed template */
	struct pcr_selection selections[BANKS_MOST];
	size_t count;
};

/* Reads true, false, or an object with "device", "key" and "registers" into a struct vouching. */
member_store member_vouching;

#endif
