/* SPDX-License-Identifier: BSD-3-Clause */
/* The test's provider: signatures that the token makes. */
#include "tests/setup/pkcs11_provider.h"

#include <stdbool.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/x509.h>

struct signature {
	struct provider *provider;
	struct key *key; /* borrowed */
	const EVP_MD *digest;
};

static void *signature_new(void *context, const char *properties)
{
	struct signature *signature = calloc(1, sizeof(*signature));

	(void)properties;
	if (signature != NULL)
		signature->provider = context;
	return signature;
}

static void signature_free(void *signature)
{
	free(signature);
}

static int signature_init(void *context, const char *digest, void *key, const OSSL_PARAM params[])
{
	struct signature *signature = context;

	(void)params;
	signature->key = key;
	signature->digest = EVP_get_digestbyname(digest);
	return signature->digest != NULL;
}

/* What the token signs for ECDSA is a digest, and what it gives are two numbers. */
static int sign_ec(const struct signature *signature, const uint8_t *data, size_t data_len,
		   uint8_t *out, size_t *out_len)
{
	const struct key *key = signature->key;
	uint8_t digest[EVP_MAX_MD_SIZE], numbers[160];
	size_t digest_len = 0, len = sizeof(numbers);
	ECDSA_SIG *both = ECDSA_SIG_new();
	BIGNUM *first = NULL, *second = NULL;
	int der_len = -1, r = TOKEN_FAILED;

	if (EVP_Q_digest(signature->provider->library, EVP_MD_get0_name(signature->digest), NULL,
			 data, data_len, digest, &digest_len) == 1)
		r = token_sign(key->token, key->handle, CKM_ECDSA, digest, digest_len, numbers,
			       &len);
	if (r == 0) {
		first = BN_bin2bn(numbers, (int)len / 2, NULL);
		second = BN_bin2bn(numbers + len / 2, (int)len / 2, NULL);
	}
	if (both != NULL && ECDSA_SIG_set0(both, first, second) == 1)
		der_len = i2d_ECDSA_SIG(both, &out);
	ECDSA_SIG_free(both);
	*out_len = der_len > 0 ? (size_t)der_len : 0;
	return der_len > 0 ? 0 : TOKEN_FAILED;
}

static int sign_rsa(const struct signature *signature, const uint8_t *data, size_t data_len,
		    uint8_t *out, size_t *out_len)
{
	const struct key *key = signature->key;
	CK_MECHANISM_TYPE mechanism = EVP_MD_is_a(signature->digest, "SHA256")
					      ? CKM_SHA256_RSA_PKCS
					      : CKM_SHA384_RSA_PKCS;

	return token_sign(key->token, key->handle, mechanism, data, data_len, out, out_len);
}

/* Asked twice: for the size, and for the signature. */
static int signature_sign(void *context, uint8_t *out, size_t *out_len, size_t out_size,
			  const uint8_t *data, size_t data_len)
{
	const struct signature *signature = context;
	const size_t most = (size_t)EVP_PKEY_get_size(signature->key->public);
	int r;

	*out_len = most;
	if (out == NULL)
		return 1;
	if (out_size < most)
		return provider_answer(signature->provider, TOKEN_FAILED);
	r = EVP_PKEY_is_a(signature->key->public, "EC")
		    ? sign_ec(signature, data, data_len, out, out_len)
		    : sign_rsa(signature, data, data_len, out, out_len);
	return provider_answer(signature->provider, r);
}

/* What X.509 calls the algorithm, which only we know. */
static int signature_get_params(void *context, OSSL_PARAM params[])
{
	const struct signature *signature = context;
	OSSL_PARAM *param = OSSL_PARAM_locate(params, OSSL_SIGNATURE_PARAM_ALGORITHM_ID);
	const bool ec = EVP_PKEY_is_a(signature->key->public, "EC");
	X509_ALGOR *algorithm = X509_ALGOR_new();
	int nid, len = -1, done = 0;
	uint8_t *der = NULL;

	if (param != NULL && algorithm != NULL &&
	    OBJ_find_sigid_by_algs(&nid, EVP_MD_get_type(signature->digest),
				   ec ? NID_X9_62_id_ecPublicKey : NID_rsaEncryption) == 1 &&
	    X509_ALGOR_set0(algorithm, OBJ_nid2obj(nid), ec ? V_ASN1_UNDEF : V_ASN1_NULL, NULL) ==
		    1)
		len = i2d_X509_ALGOR(algorithm, &der);
	if (len > 0)
		done = OSSL_PARAM_set_octet_string(param, der, (size_t)len);
	OPENSSL_free(der);
	X509_ALGOR_free(algorithm);
	return done;
}

static const OSSL_PARAM *signature_gettable_params(void *signature, void *context)
{
	static const OSSL_PARAM params[] = {
		OSSL_PARAM_octet_string(OSSL_SIGNATURE_PARAM_ALGORITHM_ID, NULL, 0),
		OSSL_PARAM_END,
	};

	(void)signature;
	(void)context;
	return params;
}

const OSSL_DISPATCH pkcs11_signature_functions[] = {
	FUNCTION(OSSL_FUNC_SIGNATURE_NEWCTX, signature_new),
	FUNCTION(OSSL_FUNC_SIGNATURE_FREECTX, signature_free),
	FUNCTION(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, signature_init),
	FUNCTION(OSSL_FUNC_SIGNATURE_DIGEST_SIGN, signature_sign),
	FUNCTION(OSSL_FUNC_SIGNATURE_GET_CTX_PARAMS, signature_get_params),
	FUNCTION(OSSL_FUNC_SIGNATURE_GETTABLE_CTX_PARAMS, signature_gettable_params),
	{ 0, NULL },
};
