/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Making a TPM 2.0: PCR banks, keys, certificates.
 */
#ifndef VTPM_CERTS_FACTORY_MAKE_2_H
#define VTPM_CERTS_FACTORY_MAKE_2_H

#include "certs/factory/job.h"

/* Whether this TPM can be what the options ask for, before anything that takes time. */
int make_2_check(const struct job *job, struct error *err);

/* All of a TPM that was started up. */
int make_2(struct job *job, struct error *err);

#endif
