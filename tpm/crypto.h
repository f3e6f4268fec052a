/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * libcrypto as a server has it: without its configuration file, as a TPM is the same whatever that
 * says, without 60 KiB of texts, and without the ciphers that no TPM uses.
 */
#ifndef VTPM_TPM_CRYPTO_H
#define VTPM_TPM_CRYPTO_H

/*
 * For the rest of the process, before anything else in it uses libcrypto. Who makes certificates
 * does without: a CA's key may be where only the configuration leads to.
 */
void crypto_start(void);

#endif
