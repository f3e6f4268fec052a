/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Private keys of a CA: made, written and loaded. A key may be anywhere OSSL_STORE reaches: a file,
 * or a token through a provider ("pkcs11:...").
 */
#ifndef VTPM_CERTS_CA_KEY_STORE_H
#define VTPM_CERTS_CA_KEY_STORE_H

#include "certs/x509/key_type.h"
#include "certs/x509/openssl.h"

struct error;
struct secret;

int key_store_generate(enum key_type type, EVP_PKEY **ret, struct error *err);

/* PEM, not encrypted, in memory that is wiped when the BIO is freed. */
int key_store_to_pem(const EVP_PKEY *key, BIO **ret, struct error *err);

/*
 * Loads the one private key that URI (or a path) names; errors name it, too. PASSWORD opens an
 * encrypted file or a token; with NULL nobody is asked, and a key that wants one is -ENOKEY.
 * -EKEYREJECTED when OpenSSL knows that the password is wrong.
 */
int key_store_load(const char *uri, const struct secret *password, EVP_PKEY **ret,
		   struct error *err);

/* Whether URI itself tells the PIN of a token (RFC 7512, "pin-value"), for everybody to see. */
bool key_store_uri_has_pin(const char *uri);

/* All certificates of a PEM file (or the one of a DER file), in their order; at least one. */
int key_store_load_certificates(const char *path, STACK_OF(X509) * *ret, struct error *err);

#endif
