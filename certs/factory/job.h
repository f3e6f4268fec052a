/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A manufacture in progress; for manufacture*.c alone.
 */
#ifndef VTPM_CERTS_FACTORY_JOB_H
#define VTPM_CERTS_FACTORY_JOB_H

#include "certs/factory/manufacture.h"
#include "tpm/exchange.h"

struct factory {
	const struct manufacture_options *options;
	struct tpm_executor executor;
	struct issuer issuer;
	struct manufacture_result *result;
};

/* Tells what is done next. */
void factory_step(const struct factory *factory, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Gets a certificate for a key and remembers it as one of NV index INDEX, which the caller writes:
 * *DER is allocated, the caller frees it.
 */
int factory_certify(struct factory *factory, enum certificate_kind kind, enum key_type type,
		    const EVP_PKEY *key, uint32_t index, uint8_t **der, size_t *len,
		    struct error *err);

/* The EK's certificate, the first one when there are several; NULL when there is none yet. */
X509 *factory_ek_certificate(const struct factory *factory);

/* Whether this TPM can be what the options ask for, before anything that takes time. */
int factory_check_2(const struct factory *factory, struct error *err);

/* All of a TPM 2.0, which was started up, but its shutdown. */
int factory_make_2(struct factory *factory, struct error *err);

/* All of a TPM 1.2 that was started up after tpm12_activate(). */
int factory_make_12(struct factory *factory, struct error *err);

/* A DER file of each certificate in the directory of the options, when the TPM is stored. */
int factory_write_files(struct factory *factory, struct error *err);

#endif
