/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A TPM in the making: what every step of it needs.
 */
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
 * Gets a certificate for a key and remembers it as one of NV index INDEX, which the caller writes:
 * *DER is for openssl_freep().
 */
int job_certify(struct job *job, enum certificate_kind kind, enum key_type type,
		const EVP_PKEY *key, uint32_t index, uint8_t **der, size_t *len, struct error *err);

#endif
