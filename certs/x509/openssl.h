/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What every user of OpenSSL here needs: its errors as a sentence, its objects released with the
 * scope.
 */
#ifndef VTPM_CERTS_X509_OPENSSL_H
#define VTPM_CERTS_X509_OPENSSL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "util/cleanup.h"

struct error;

/*
 * Writes "FORMAT: the oldest reason in OpenSSL's queue" and empties the queue; returns -errnum.
 */
int openssl_error(struct error *err, int errnum, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

DEFINE_CLEANUP(ASN1_OBJECT, ASN1_OBJECT_free);
DEFINE_CLEANUP(ASN1_OCTET_STRING, ASN1_OCTET_STRING_free);
DEFINE_CLEANUP(ASN1_TYPE, ASN1_TYPE_free);
DEFINE_CLEANUP(BIGNUM, BN_free);
DEFINE_CLEANUP(BIO, BIO_free_all);
DEFINE_CLEANUP(EVP_PKEY, EVP_PKEY_free);
DEFINE_CLEANUP(EVP_PKEY_CTX, EVP_PKEY_CTX_free);
DEFINE_CLEANUP(X509, X509_free);
DEFINE_CLEANUP(X509_EXTENSION, X509_EXTENSION_free);
DEFINE_CLEANUP(X509_NAME, X509_NAME_free);

static inline void x509_stack_freep(STACK_OF(X509) * *stack)
{
	sk_X509_pop_free(*stack, X509_free);
}

static inline void openssl_freep(uint8_t **bytes)
{
	OPENSSL_free(*bytes);
}

/* The certificate as DER, for openssl_freep(). */
int x509_to_der(X509 *certificate, uint8_t **ret, size_t *len, struct error *err);

/* The first 32 bytes of a serial number or identifier, in hex; "" for none. */
void asn1_hex(const ASN1_STRING *string, char text[static 65]);

/* SHA-256 of the DER in lower-case hex, as tools print it. */
int x509_fingerprint(X509 *certificate, char text[static 65], struct error *err);

/* Whether PKEY's public half is the certificate's. */
bool x509_has_key(X509 *certificate, const EVP_PKEY *pkey);

#endif
