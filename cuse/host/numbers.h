/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Chooses device numbers that the command line does not give. The kernel would reuse the number of
 * the server that ended last, and an old node of that server would then lead to another TPM.
 */
#ifndef VTPM_CUSE_SERVER_NUMBERS_H
#define VTPM_CUSE_SERVER_NUMBERS_H

#include <stddef.h>

struct error;
struct node_options;

/*
 * Gives NODES, none of which has a number, the next COUNT minors of the counter that vtpm-hook
 * uses, too. Where that counter is missing or not accessible, NODES stay without numbers, and the
 * kernel chooses.
 */
int node_numbers_take(struct node_options *nodes, size_t count, struct error *err);

#endif
