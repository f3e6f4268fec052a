/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A provider of OpenSSL, for tests alone: private keys in a PKCS#11 token, as pkcs11: URIs of
 * RFC 7512 name them, and signatures that the token makes. Its section of openssl.cnf has
 * "pkcs11-module", the path of the token's module.
 */
#ifndef VTPM_TESTS_SETUP_PKCS11_PROVIDER_H
#define VTPM_TESTS_SETUP_PKCS11_PROVIDER_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/core_dispatch.h>
#include <openssl/evp.h>
#include <p11-kit/pkcs11.h>

#include "util/cleanup.h"

#define FUNCTION(id, function)                 \
	{                                      \
		id, (void (*)(void))(function) \
	}

/* What the functions of a token return, 0 when they succeed. */
enum token_error {
	TOKEN_NO_MODULE = 1,
	TOKEN_MISSING,
	TOKEN_NO_PIN,
	TOKEN_WRONG_PIN,
	TOKEN_NO_KEY,
	TOKEN_FAILED,
};

struct provider {
	const OSSL_CORE_HANDLE *core;
	OSSL_FUNC_core_new_error_fn *new_error;
	OSSL_FUNC_core_vset_error_fn *vset_error;
	OSSL_LIB_CTX *library; /* for public keys and digests; it has the default provider alone */
	char *module;
};

/* The token is open as long as its key is there: nothing is left to the program's exit. */
struct key {
	struct provider *provider;
	struct token *token;
	CK_OBJECT_HANDLE handle;
	EVP_PKEY *public;
};

extern const OSSL_DISPATCH pkcs11_ec_functions[], pkcs11_rsa_functions[];
extern const OSSL_DISPATCH pkcs11_signature_functions[];

/* 1 for 0, as OpenSSL counts; an enum token_error goes into its queue. */
int provider_answer(const struct provider *provider, int r, ...);

/* Finds the public half in the token. */
int key_read_public(struct key *key);
void key_free(struct key *key);
DEFINE_CLEANUP(struct key, key_free);

/* Loads the module for this token alone: what it has in memory ends with token_close(). */
int token_open(const char *module, const char *label, struct token **ret);
void token_close(struct token *token);
DEFINE_CLEANUP(struct token, token_close);

int token_login(struct token *token, const char *pin, size_t len);

/* The first object of CLASS whose attribute NAME has this value. */
int token_find(struct token *token, CK_OBJECT_CLASS class, CK_ATTRIBUTE_TYPE name,
	       const void *value, size_t len, CK_OBJECT_HANDLE *ret);

/* LEN is the room in VALUE before, the attribute's length after. */
int token_read(struct token *token, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE name, void *value,
	       size_t *len);

/* LEN of the signature likewise. */
int token_sign(struct token *token, CK_OBJECT_HANDLE key, CK_MECHANISM_TYPE mechanism,
	       const uint8_t *data, size_t data_len, uint8_t *signature, size_t *len);

#endif
