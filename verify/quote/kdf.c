/* SPDX-License-Identifier: BSD-3-Clause */
#include "verify/quote/kdf.h"

#include <errno.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "certs/x509/openssl.h"
#include "util/error.h"

DEFINE_CLEANUP(EVP_KDF, EVP_KDF_free);
DEFINE_CLEANUP(EVP_KDF_CTX, EVP_KDF_CTX_free);

/* A label and two coordinates of the longest curve. */
#define INFO_MOST (16 + 2 * 66)

static OSSL_PARAM text(const char *key, const char *value)
{
	return OSSL_PARAM_construct_utf8_string(key, (char *)(uintptr_t)value, 0);
}

static OSSL_PARAM bytes(const char *key, const void *data, size_t len)
{
	return OSSL_PARAM_construct_octet_string(key, (void *)(uintptr_t)data, len);
}

static int derive(const char *name, const OSSL_PARAM params[], uint8_t *ret, size_t len,
		  struct error *err)
{
	cleanup_with(EVP_KDF_freep) EVP_KDF *kdf = EVP_KDF_fetch(NULL, name, NULL);
	cleanup_with(EVP_KDF_CTX_freep) EVP_KDF_CTX *context =
		kdf != NULL ? EVP_KDF_CTX_new(kdf) : NULL;

	if (context == NULL || EVP_KDF_derive(context, ret, len, params) != 1)
		return openssl_error(err, EIO, "derive a key");
	return 0;
}

int kdf_a(const char *hash, struct kdf_bytes key, const char *label, struct kdf_bytes context,
	  uint8_t *ret, size_t len, struct error *err)
{
	const OSSL_PARAM params[] = {
		text(OSSL_KDF_PARAM_MODE, "counter"),
		text(OSSL_KDF_PARAM_MAC, "HMAC"),
		text(OSSL_KDF_PARAM_DIGEST, hash),
		bytes(OSSL_KDF_PARAM_KEY, key.data, key.len),
		bytes(OSSL_KDF_PARAM_SALT, label, strlen(label)),
		bytes(OSSL_KDF_PARAM_INFO, context.data, context.len),
		OSSL_PARAM_construct_end(),
	};

	return derive("KBKDF", params, ret, len, err);
}

int kdf_e(const char *hash, struct kdf_bytes z, const char *label, struct kdf_bytes party_u,
	  struct kdf_bytes party_v, uint8_t *ret, size_t len, struct error *err)
{
	const size_t label_len = strlen(label) + 1; /* with its NUL */
	const size_t info_len = label_len + party_u.len + party_v.len;
	uint8_t info[INFO_MOST];

	if (info_len > sizeof(info))
		return error_set(err, EMSGSIZE, "derive a key");
	memcpy(info, label, label_len);
	memcpy(info + label_len, party_u.data, party_u.len);
	memcpy(info + label_len + party_u.len, party_v.data, party_v.len);
	{
		const OSSL_PARAM params[] = {
			text(OSSL_KDF_PARAM_DIGEST, hash),
			bytes(OSSL_KDF_PARAM_KEY, z.data, z.len),
			bytes(OSSL_KDF_PARAM_INFO, info, info_len),
			OSSL_PARAM_construct_end(),
		};

		return derive("SSKDF", params, ret, len, err);
	}
}
