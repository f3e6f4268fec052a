/* SPDX-License-Identifier: BSD-3-Clause */
#include "verify/quote/signature.h"

#include <errno.h>

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "tpm/command.h"
#include "tpm/tcg.h"
#include "util/error.h"

DEFINE_CLEANUP(EVP_MD_CTX, EVP_MD_CTX_free);
DEFINE_CLEANUP(ECDSA_SIG, ECDSA_SIG_free);

const struct bank *signature_hash(uint16_t algorithm)
{
	return algorithm != TPM2_ALG_SHA1 ? bank_find(algorithm) : NULL;
}

int tpm_signature_parse(const uint8_t *data, size_t len, struct tpm_signature *ret,
			struct error *err)
{
	struct tpm_reader reader = { data, len, false };
	struct tpm_signature signature = { .scheme = tpm_get_u16(&reader) };

	if (signature.scheme != TPM2_ALG_RSASSA && signature.scheme != TPM2_ALG_RSAPSS &&
	    signature.scheme != TPM2_ALG_ECDSA)
		return error_say(err, EBADMSG, "the signature is neither RSASSA, RSAPSS nor ECDSA");
	signature.hash = signature_hash(tpm_get_u16(&reader));
	if (signature.hash == NULL)
		return error_say(err, EBADMSG,
				 "the signature's hash is neither SHA-256, SHA-384 nor SHA-512");
	signature.r = tpm_get_sized(&reader, &signature.r_len);
	if (signature.scheme == TPM2_ALG_ECDSA)
		signature.s = tpm_get_sized(&reader, &signature.s_len);
	if (reader.truncated || reader.left > 0)
		return error_say(err, EBADMSG, "the signature is malformed");
	*ret = signature;
	return 0;
}

/* The two numbers as OpenSSL wants them; the length, or 0. */
static int encode_ecdsa(const struct tpm_signature *signature, uint8_t **der)
{
	cleanup_with(ECDSA_SIG_freep) ECDSA_SIG *both = ECDSA_SIG_new();
	cleanup_with(BN_freep) BIGNUM *r = BN_bin2bn(signature->r, (int)signature->r_len, NULL);
	cleanup_with(BN_freep) BIGNUM *s = BN_bin2bn(signature->s, (int)signature->s_len, NULL);
	int len;

	if (both == NULL || r == NULL || s == NULL || ECDSA_SIG_set0(both, r, s) != 1)
		return 0;
	r = NULL; /* the signature has them */
	s = NULL;
	len = i2d_ECDSA_SIG(both, der);
	return len > 0 ? len : 0;
}

/* A TPM's salt is as long as the digest, or as long as there is room for: any length is taken. */
static bool set_padding(const struct tpm_signature *signature, EVP_PKEY_CTX *context)
{
	if (signature->scheme == TPM2_ALG_RSASSA)
		return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
	if (signature->scheme == TPM2_ALG_RSAPSS)
		return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
		       EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_AUTO) == 1;
	return true;
}

static bool verifies(const struct tpm_signature *signature, EVP_PKEY *key, const uint8_t *data,
		     size_t len)
{
	cleanup_with(EVP_MD_CTX_freep) EVP_MD_CTX *context = EVP_MD_CTX_new();
	cleanup_with(openssl_freep) uint8_t *der = NULL;
	const uint8_t *bytes = signature->r;
	size_t bytes_len = signature->r_len;
	EVP_PKEY_CTX *key_context = NULL; /* of CONTEXT */

	if (signature->scheme == TPM2_ALG_ECDSA) {
		bytes_len = (size_t)encode_ecdsa(signature, &der);
		bytes = der;
	}
	return context != NULL && bytes_len > 0 &&
	       EVP_DigestVerifyInit_ex(context, &key_context, signature->hash->name, NULL, NULL,
				       key, NULL) == 1 &&
	       set_padding(signature, key_context) &&
	       EVP_DigestVerify(context, bytes, bytes_len, data, len) == 1;
}

int tpm_signature_verify(const struct tpm_signature *signature, EVP_PKEY *key, const uint8_t *data,
			 size_t len, struct error *err)
{
	const char *type = signature->scheme == TPM2_ALG_ECDSA ? "EC" : "RSA";
	bool good = EVP_PKEY_is_a(key, type) == 1 && verifies(signature, key, data, len);

	ERR_clear_error();
	return good ? 0
		    : error_say(err, EKEYREJECTED, "the signature is not the attestation key's");
}
