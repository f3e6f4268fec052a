/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Certificates of endorsement keys from outside: whether one is of a TPM, and who vouches for it.
 * TCG EK Credential Profile for TPM 2.0, 3.2.
 */
#ifndef VTPM_VERIFY_QUOTE_EK_CERTIFICATE_H
#define VTPM_VERIFY_QUOTE_EK_CERTIFICATE_H

#include <time.h>

#include "certs/x509/openssl.h"

struct error;

#define CERTIFICATES_MOST 64

/*
 * Reads all certificates of a PEM text, or the one that DATA is as DER; at least one, at most
 * CERTIFICATES_MOST. -EBADMSG; WHAT begins the sentence. Pure.
 */
int certificates_read(const uint8_t *data, size_t len, const char *what, STACK_OF(X509) * *ret,
		      struct error *err);

/* What the certificate says the TPM is, as its maker wrote it. */
struct ek_subject {
	char manufacturer[64]; /* "id:49424D00" */
	char model[64];
	char version[64];
};

/*
 * -EKEYREJECTED: CERTIFICATE is none that the profile has for an endorsement key. Whoever signed it
 * is not looked at.
 */
int ek_certificate_check(X509 *certificate, struct ek_subject *ret, struct error *err);

/*
 * -EKEYREJECTED: none of ROOTS has vouched for it at the time WHEN, directly or by INTERMEDIATES
 * (NULL: none), or an extension is critical and nobody knows it.
 */
int ek_certificate_verify_chain(X509 *certificate, STACK_OF(X509) * roots,
				STACK_OF(X509) * intermediates, time_t when, struct error *err);

#endif
