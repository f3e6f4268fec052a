/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Primary keys of a TPM 2.0: made from a template and kept at a persistent handle.
 */
#ifndef VTPM_CERTS_FACTORY_OBJECT_H
#define VTPM_CERTS_FACTORY_OBJECT_H

#include "certs/x509/openssl.h"
#include "certs/factory/template.h"

struct error;
struct tpm_executor;

/* -ENOTSUP and a sentence when this TPM cannot make such a key. */
int object_is_supported(const struct tpm_executor *executor, const struct key_template *template,
			struct error *err);

/*
 * Makes the key in its hierarchy, keeps it at HANDLE and leaves no transient object behind. *RET is
 * its public half.
 */
int object_make(const struct tpm_executor *executor, const struct key_template *template,
		uint32_t handle, EVP_PKEY **ret, struct error *err);

#endif
