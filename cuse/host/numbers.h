/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Device numbers that the command line leaves to us. One that the kernel chooses is that of the
 * server that ended last: whoever has kept a node of that one would reach another TPM by it.
 */
#ifndef VTPM_CUSE_SERVER_NUMBERS_H
#define VTPM_CUSE_SERVER_NUMBERS_H

#include <stddef.h>

struct error;
struct node_options;

/*
 * Gives NODES, of which none has a number, the next COUNT minors of the counter that vtpm-hook
 * takes its own from. Where there is no such counter, or it is not ours to use, they stay without:
 * the kernel chooses.
 */
int node_numbers_take(struct node_options *nodes, size_t count, struct error *err);

#endif
