/* SPDX-License-Identifier: BSD-3-Clause */
/* Making one TPM: the steps, and what every step needs. */
#ifndef VTPM_CERTS_FACTORY_JOB_H
#define VTPM_CERTS_FACTORY_JOB_H

#include "certs/factory/options.h"
#include "certs/factory/result.h"
#include "tpm/exchange.h"

struct job {
	const struct manufacture_options *options;
	struct tpm_executor executor;
	struct ca *ca; /* NULL: nothing is to be certified */
	struct manufacture_result *result;
};

/* Tells what is done next. */
void job_step(const struct job *job, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Gets a certificate for a key and notes it as one of NV index INDEX, which the caller writes. The
 * caller frees *DER with openssl_freep().
 */
int job_certify(struct job *job, enum certificate_kind kind, enum key_type type,
		const EVP_PKEY *key, uint32_t index, uint8_t **der, size_t *len, struct error *err);

/* Asks the TPM, which must have been started up, what it is. */
int tpm_attributes_get(const struct tpm_executor *executor, enum tpm_version version,
		       struct tpm_attributes *ret, struct error *err);

/* Checks that this TPM 2.0 can be what the options ask for, before anything that takes time. */
int make_2_check(const struct job *job, struct error *err);

/* PCR banks, keys and certificates of a TPM 2.0 that was started up. */
int make_2(struct job *job, struct error *err);

/* Key, certificates and NV lock of a TPM 1.2 that was started up after tpm12_activate(). */
int make_12(struct job *job, struct error *err);

#endif
