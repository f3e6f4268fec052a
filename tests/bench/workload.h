/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The commands that are measured, and what a TPM needs before it can run them.
 */
#ifndef VTPM_TESTS_BENCH_WORKLOAD_H
#define VTPM_TESTS_BENCH_WORKLOAD_H

#include "tpm/command.h"
#include "tpm/exchange.h"

struct error;

struct workload {
	const struct workload_kind *kind;
	struct tpm_command command;
	uint32_t handle; /* a transient object or session, 0: none */
	size_t vary_at;  /* where the command has to differ from the last one, 0: nowhere */
	uint32_t counter;
};

/*
 * Builds the command NAME: getrandom, pcr-extend, nv-write, ecdsa-sign, read-public or
 * policy-get-digest; makes the NV index, key or session it needs. CHANNEL may be NULL for a TPM
 * that answers success to anything.
 */
int workload_prepare(const char *name, const struct tpm_executor *executor, struct workload *ret,
		     struct error *err);

/* The command for one more round. */
const struct tpm_command *workload_next(struct workload *workload);

/* -EPROTO when the TPM did not answer success. */
int workload_check(const struct workload *workload, const uint8_t *response, size_t len,
		   struct error *err);

/* Takes from the TPM what would be in the way of the next one. */
void workload_finish(struct workload *workload, const struct tpm_executor *executor);

#endif
