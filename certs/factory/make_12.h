/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Making a TPM 1.2: its endorsement key, certificates, NV lock.
 */
#ifndef VTPM_CERTS_FACTORY_MAKE_12_H
#define VTPM_CERTS_FACTORY_MAKE_12_H

#include "certs/factory/job.h"

/* All of a TPM that was started up after tpm12_activate(). */
int make_12(struct job *job, struct error *err);

#endif
