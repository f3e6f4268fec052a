/* SPDX-License-Identifier: BSD-3-Clause */
#include "certs/x509/public.h"

#include <errno.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include "certs/x509/key_type.h"
#include "tpm/command.h"
#include "tpm/tcg.h"
#include "util/error.h"

DEFINE_CLEANUP(OSSL_PARAM, OSSL_PARAM_free);
DEFINE_CLEANUP(OSSL_PARAM_BLD, OSSL_PARAM_BLD_free);

static const struct key_type_info *find_curve(uint16_t curve)
{
	for (int i = KEY_NONE + 1; i < KEY_TYPES; i++) {
		const struct key_type_info *info = key_type_info((enum key_type)i);

		if (info->curve == curve && curve != 0)
			return info;
	}
	return NULL;
}

static size_t coordinate_size(const struct key_type_info *info)
{
	return (info->bits + 7u) / 8;
}

static void skip_symmetric(struct tpm_reader *reader)
{
	if (tpm_get_u16(reader) != TPM2_ALG_NULL)
		(void)tpm_get_u32(reader); /* key bits and mode */
}

/* Signing schemes have one hash each, and so have key derivation functions. */
static uint16_t get_scheme(struct tpm_reader *reader, uint16_t *hash)
{
	uint16_t scheme = tpm_get_u16(reader);

	*hash = scheme != TPM2_ALG_NULL ? tpm_get_u16(reader) : 0;
	return scheme;
}

static void get_rsa(struct tpm_reader *reader, struct tpm_public *public)
{
	uint32_t exponent;

	public->bits = tpm_get_u16(reader);
	exponent = tpm_get_u32(reader);
	public->exponent = exponent != 0 ? exponent : 65537;
	public->unique = tpm_get_sized(reader, &public->unique_len);
}

static void get_ecc(struct tpm_reader *reader, struct tpm_public *public)
{
	uint16_t kdf_hash;

	public->curve = tpm_get_u16(reader);
	(void)get_scheme(reader, &kdf_hash);
	public->unique = tpm_get_sized(reader, &public->unique_len);
	public->y = tpm_get_sized(reader, &public->y_len);
}

static bool is_coherent(const struct tpm_public *public)
{
	const struct key_type_info *curve;

	if (public->algorithm == TPM2_ALG_RSA)
		return public->bits >= 1024 && public->bits % 8 == 0 &&
		       public->unique_len == public->bits / 8u;
	curve = find_curve(public->curve);
	return curve != NULL && public->unique_len > 0 &&
	       public->unique_len <= coordinate_size(curve) && public->y_len > 0 &&
	       public->y_len <= coordinate_size(curve);
}

int tpm_public_parse(const uint8_t *data, size_t len, struct tpm_public *ret)
{
	struct tpm_reader reader = { data, len, false };
	struct tpm_public public = { 0 };
	size_t policy_len;

	public.algorithm = tpm_get_u16(&reader);
	if (public.algorithm != TPM2_ALG_RSA && public.algorithm != TPM2_ALG_ECC)
		return -EBADMSG;
	public.name_algorithm = tpm_get_u16(&reader);
	public.attributes = tpm_get_u32(&reader);
	(void)tpm_get_sized(&reader, &policy_len);
	skip_symmetric(&reader);
	public.scheme = get_scheme(&reader, &public.scheme_hash);
	if (public.algorithm == TPM2_ALG_RSA)
		get_rsa(&reader, &public);
	else
		get_ecc(&reader, &public);
	if (reader.truncated || reader.left > 0 || !is_coherent(&public))
		return -EBADMSG;
	*ret = public;
	return 0;
}

static int pkey_from(const char *type, OSSL_PARAM_BLD *build, EVP_PKEY **ret)
{
	cleanup_with(OSSL_PARAM_freep) OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
	cleanup_with(EVP_PKEY_CTX_freep) EVP_PKEY_CTX *context =
		EVP_PKEY_CTX_new_from_name(NULL, type, NULL);

	if (params == NULL || context == NULL || EVP_PKEY_fromdata_init(context) != 1)
		return 0;
	return EVP_PKEY_fromdata(context, ret, EVP_PKEY_PUBLIC_KEY, params);
}

static int rsa_to_pkey(const struct tpm_public *public, OSSL_PARAM_BLD *build, EVP_PKEY **ret)
{
	cleanup_with(BN_freep) BIGNUM *n = BN_bin2bn(public->unique, (int)public->unique_len, NULL);

	if (n == NULL || OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) != 1 ||
	    OSSL_PARAM_BLD_push_uint32(build, OSSL_PKEY_PARAM_RSA_E, public->exponent) != 1)
		return 0;
	return pkey_from("RSA", build, ret);
}

/* The TPM may leave leading zeros of a coordinate out; the point's encoding may not. */
static int ecc_to_pkey(const struct tpm_public *public, OSSL_PARAM_BLD *build, EVP_PKEY **ret)
{
	const struct key_type_info *curve = find_curve(public->curve);
	uint8_t point[1 + 2 * 66] = { 0x04 };
	const size_t size = coordinate_size(curve);

	memcpy(point + 1 + size - public->unique_len, public->unique, public->unique_len);
	memcpy(point + 1 + 2 * size - public->y_len, public->y, public->y_len);
	if (OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, curve->group, 0) !=
		    1 ||
	    OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * size) !=
		    1)
		return 0;
	return pkey_from("EC", build, ret);
}

int tpm_public_to_pkey(const struct tpm_public *public, EVP_PKEY **ret, struct error *err)
{
	cleanup_with(OSSL_PARAM_BLD_freep) OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	int ok;

	if (build == NULL)
		return openssl_error(err, ENOMEM, "read a public key");
	if (public->algorithm == TPM2_ALG_RSA)
		ok = rsa_to_pkey(public, build, ret);
	else
		ok = ecc_to_pkey(public, build, ret);
	if (ok != 1)
		return openssl_error(err, EINVAL, "the TPM's public key is not usable");
	return 0;
}
