/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The memory that libtpms keeps a TPM in, its seeds among it: never on a disk.
 */
#ifndef VTPM_TPM_PROTECT_H
#define VTPM_TPM_PROTECT_H

/*
 * Keeps libtpms' variables out of swap and of core files, as soon as there is something in them.
 * -EPERM, -ENOMEM: more than RLIMIT_MEMLOCK lets us lock.
 */
int tpm_protect_memory(void);

#endif
