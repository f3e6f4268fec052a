/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * X.509 certificates in the making: what CA and TPM certificates have in common.
 */
#ifndef VTPM_CERTS_X509_CERTIFICATE_H
#define VTPM_CERTS_X509_CERTIFICATE_H

#include "certs/x509/openssl.h"

struct error;

/* Who signs. The pointers are borrowed. */
struct x509_signer {
	X509 *certificate; /* NULL: the certificate in the making signs itself */
	EVP_PKEY *key;
};

/*
 * Begins a version 3 certificate of PKEY for SUBJECT: a random positive serial number of 20 bytes,
 * valid from an hour ago on and without an end (RFC 5280, 4.1.2.5: 99991231235959Z).
 */
int x509_begin(const X509_NAME *subject, const EVP_PKEY *pkey, X509 **ret, struct error *err);

/* Appends one attribute as a set of its own; an OID in dots or a short name like "CN". */
int x509_name_add(X509_NAME *name, const char *type, int string_type, const char *value,
		  struct error *err);

/*
 * Adds an extension in the words of x509v3_config(5), with the SECTIONS that TEXT refers to (NULL:
 * none). Only for texts of our own: a text from outside would be parsed as a part of that language,
 * and must go through the functions below, which take values.
 */
int x509_add(X509 *certificate, const char *extension, const char *text, const char *sections,
	     struct error *err);

/* Alternative name, not critical: one directoryName. */
int x509_add_directory_name(X509 *certificate, X509_NAME *directory, struct error *err);

/* The key identifier that the signer's certificate has, or would have. */
int x509_add_authority_key_id(X509 *certificate, const struct x509_signer *signer,
			      struct error *err);

/* Where the CRL is. */
int x509_add_crl_url(X509 *certificate, const char *url, struct error *err);

/* Authority information access: where the issuer's own certificate is. */
int x509_add_issuer_url(X509 *certificate, const char *url, struct error *err);

/*
 * -EINVAL when TEXT is not one that a certificate can carry: 1 to MOST bytes of UTF-8 without
 * control characters.
 */
int x509_check_text(const char *option, const char *text, size_t most, struct error *err);

/* -EINVAL when URL is not one that a certificate can carry. */
int x509_check_url(const char *option, const char *url, struct error *err);

/* The issuer's name and the signature, with the digest that suits the signer's key. */
int x509_sign(X509 *certificate, const struct x509_signer *signer, struct error *err);

#endif
