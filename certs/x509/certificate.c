/* SPDX-License-Identifier: BSD-3-Clause */
#include "certs/x509/certificate.h"

#include <errno.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/rand.h>

#include "util/error.h"

DEFINE_CLEANUP(AUTHORITY_KEYID, AUTHORITY_KEYID_free);
DEFINE_CLEANUP(BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free);
DEFINE_CLEANUP(ASN1_BIT_STRING, ASN1_BIT_STRING_free);
DEFINE_CLEANUP(ASN1_INTEGER, ASN1_INTEGER_free);
DEFINE_CLEANUP(AUTHORITY_INFO_ACCESS, AUTHORITY_INFO_ACCESS_free);
DEFINE_CLEANUP(CRL_DIST_POINTS, CRL_DIST_POINTS_free);
DEFINE_CLEANUP(ACCESS_DESCRIPTION, ACCESS_DESCRIPTION_free);
DEFINE_CLEANUP(DIST_POINT, DIST_POINT_free);
DEFINE_CLEANUP(GENERAL_NAME, GENERAL_NAME_free);

/* As long as a serial may be, with its highest bit clear (positive) and the next one set. */
static int set_serial(X509 *certificate)
{
	cleanup_with(BN_freep) BIGNUM *number = NULL;
	uint8_t bytes[20];

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return 0;
	bytes[0] = (uint8_t)((bytes[0] & 0x3f) | 0x40);
	number = BN_bin2bn(bytes, sizeof(bytes), NULL);
	return number != NULL &&
	       BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
}

static bool push_integer(ASN1_SEQUENCE_ANY *sequence, const EVP_PKEY *pkey, const char *parameter)
{
	cleanup_with(BN_freep) BIGNUM *number = NULL;
	cleanup_with(ASN1_INTEGER_freep) ASN1_INTEGER *integer = NULL;
	cleanup_with(ASN1_TYPE_freep) ASN1_TYPE *type = ASN1_TYPE_new();

	if (EVP_PKEY_get_bn_param(pkey, parameter, &number) == 1)
		integer = BN_to_ASN1_INTEGER(number, NULL);
	if (type == NULL || integer == NULL)
		return false;
	ASN1_TYPE_set(type, V_ASN1_INTEGER, take_ptr(integer));
	if (sk_ASN1_TYPE_push(sequence, type) <= 0)
		return false;
	type = NULL; /* the stack has it */
	return true;
}

/* RSAPublicKey of RFC 8017: modulus and exponent. */
static int rsa_bits(const EVP_PKEY *pkey, uint8_t **bits)
{
	ASN1_SEQUENCE_ANY *sequence = sk_ASN1_TYPE_new_null();
	int len = -1;

	if (sequence != NULL && push_integer(sequence, pkey, OSSL_PKEY_PARAM_RSA_N) &&
	    push_integer(sequence, pkey, OSSL_PKEY_PARAM_RSA_E))
		len = i2d_ASN1_SEQUENCE_ANY(sequence, bits);
	sk_ASN1_TYPE_pop_free(sequence, ASN1_TYPE_free);
	return len;
}

/* ECPoint of RFC 5480. */
static int ec_bits(const EVP_PKEY *pkey, uint8_t **bits)
{
	uint8_t point[160];
	size_t len = 0;

	if (EVP_PKEY_get_octet_string_param(pkey, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point),
					    &len) != 1)
		return -1;
	*bits = OPENSSL_memdup(point, len);
	return *bits != NULL ? (int)len : -1;
}

/* The algorithm's parameter and the key's bits; false for kinds of keys that are no TPM's. */
static bool encode_public_key(const EVP_PKEY *pkey, int *algorithm, ASN1_OBJECT **curve,
			      uint8_t **bits, int *len)
{
	char group[64];

	if (EVP_PKEY_is_a(pkey, "RSA")) {
		*algorithm = NID_rsaEncryption;
		*len = rsa_bits(pkey, bits);
	} else if (EVP_PKEY_is_a(pkey, "EC") &&
		   EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL) == 1) {
		*algorithm = NID_X9_62_id_ecPublicKey;
		*curve = OBJ_txt2obj(group, 0);
		*len = *curve != NULL ? ec_bits(pkey, bits) : -1;
	}
	return *len > 0;
}

/* As X509_set_pubkey(), which asks every provider for encoders and takes as long as a signature. */
static int set_public_key(X509 *certificate, const EVP_PKEY *pkey)
{
	cleanup_with(ASN1_OBJECT_freep) ASN1_OBJECT *curve = NULL;
	uint8_t *bits = NULL;
	int algorithm, len = 0;

	if (!encode_public_key(pkey, &algorithm, &curve, &bits, &len))
		return X509_set_pubkey(certificate, (EVP_PKEY *)(uintptr_t)pkey);
	if (X509_PUBKEY_set0_param(X509_get_X509_PUBKEY(certificate), OBJ_nid2obj(algorithm),
				   curve != NULL ? V_ASN1_OBJECT : V_ASN1_NULL, curve, bits,
				   len) == 1) {
		curve = NULL; /* the certificate has it */
		return 1;
	}
	OPENSSL_free(bits);
	return 0;
}

int x509_begin(const X509_NAME *subject, const EVP_PKEY *pkey, X509 **ret, struct error *err)
{
	cleanup_with(X509_freep) X509 *certificate = X509_new();

	if (certificate == NULL || X509_set_version(certificate, X509_VERSION_3) != 1 ||
	    !set_serial(certificate) ||
	    X509_gmtime_adj(X509_getm_notBefore(certificate), 0) == NULL ||
	    ASN1_TIME_set_string(X509_getm_notAfter(certificate), "99991231235959Z") != 1 ||
	    X509_set_subject_name(certificate, subject) != 1 ||
	    set_public_key(certificate, pkey) != 1)
		return openssl_error(err, EIO, "begin a certificate");
	*ret = take_ptr(certificate);
	return 0;
}

int x509_name_add(X509_NAME *name, const char *type, int string_type, const char *value,
		  struct error *err)
{
	if (X509_NAME_add_entry_by_txt(name, type, string_type, (const uint8_t *)value, -1, -1,
				       0) != 1)
		return openssl_error(err, EINVAL, "'%s' cannot be %s of a certificate", value,
				     type);
	return 0;
}

static int add(X509 *certificate, int nid, void *value, bool critical, struct error *err)
{
	if (X509_add1_ext_i2d(certificate, nid, value, critical, X509V3_ADD_DEFAULT) != 1)
		return openssl_error(err, EIO, "add %s to a certificate", OBJ_nid2ln(nid));
	return 0;
}

int x509_add_basic_constraints(X509 *certificate, bool ca, int path_length, struct error *err)
{
	cleanup_with(BASIC_CONSTRAINTS_freep) BASIC_CONSTRAINTS *value = BASIC_CONSTRAINTS_new();

	if (value == NULL)
		return openssl_error(err, ENOMEM, "add basic constraints");
	value->ca = ca ? 0xff : 0;
	if (ca) {
		value->pathlen = ASN1_INTEGER_new();
		if (value->pathlen == NULL || ASN1_INTEGER_set(value->pathlen, path_length) != 1)
			return openssl_error(err, ENOMEM, "add basic constraints");
	}
	return add(certificate, NID_basic_constraints, value, true, err);
}

int x509_add_key_usage(X509 *certificate, unsigned int bits, struct error *err)
{
	cleanup_with(ASN1_BIT_STRING_freep) ASN1_BIT_STRING *value = ASN1_BIT_STRING_new();

	if (value == NULL)
		return openssl_error(err, ENOMEM, "add key usage");
	/* X509v3_KU_* number the bits of the string's first byte from the left. */
	for (int i = 0; i < 8; i++) {
		if ((bits & 0x80u >> i) != 0 && ASN1_BIT_STRING_set_bit(value, i, 1) != 1)
			return openssl_error(err, ENOMEM, "add key usage");
	}
	return add(certificate, NID_key_usage, value, true, err);
}

static ASN1_OCTET_STRING *make_key_id(const X509 *certificate)
{
	cleanup_with(ASN1_OCTET_STRING_freep) ASN1_OCTET_STRING *id = ASN1_OCTET_STRING_new();
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned int len = 0;

	if (id == NULL || X509_pubkey_digest(certificate, EVP_sha1(), digest, &len) != 1 ||
	    ASN1_OCTET_STRING_set(id, digest, (int)len) != 1)
		return NULL;
	return take_ptr(id);
}

int x509_add_subject_key_id(X509 *certificate, struct error *err)
{
	cleanup_with(ASN1_OCTET_STRING_freep) ASN1_OCTET_STRING *id = make_key_id(certificate);

	if (id == NULL)
		return openssl_error(err, EIO, "make a key identifier");
	return add(certificate, NID_subject_key_identifier, id, false, err);
}

int x509_add_authority_key_id(X509 *certificate, const struct x509_signer *signer,
			      struct error *err)
{
	cleanup_with(AUTHORITY_KEYID_freep) AUTHORITY_KEYID *value = AUTHORITY_KEYID_new();
	X509 *issuer = signer->certificate != NULL ? signer->certificate : certificate;
	const ASN1_OCTET_STRING *id = X509_get0_subject_key_id(issuer);

	if (value == NULL)
		return openssl_error(err, ENOMEM, "make a key identifier");
	value->keyid = id != NULL ? ASN1_OCTET_STRING_dup(id) : make_key_id(issuer);
	if (value->keyid == NULL)
		return openssl_error(err, EIO, "make a key identifier");
	return add(certificate, NID_authority_key_identifier, value, false, err);
}

static bool is_printable(unsigned long c)
{
	return c >= 0x20 && (c < 0x7f || c > 0x9f) && (c < 0xd800 || c > 0xdfff) && c <= 0x10ffff;
}

int x509_check_text(const char *option, const char *text, size_t most, struct error *err)
{
	const size_t len = strlen(text);
	unsigned long c = 0;
	int n;

	if (len == 0 || len > most)
		return error_say(err, EINVAL, "%s: a text has 1 to %zu bytes, not %zu", option,
				 most, len);
	for (size_t i = 0; i < len; i += (size_t)n) {
		n = UTF8_getc((const uint8_t *)text + i, (int)(len - i), &c);
		if (n <= 0 || !is_printable(c))
			return error_say(err, EINVAL,
					 "%s: byte %zu is not UTF-8, or a control character",
					 option, i + 1);
	}
	return 0;
}

int x509_check_url(const char *option, const char *url, struct error *err)
{
	static const char *const schemes[] = { "http://", "https://", "ldap://", "ldaps://" };
	bool known = false;

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		known = known || strncmp(url, schemes[i], strlen(schemes[i])) == 0;
	for (const char *p = url; *p != '\0'; p++)
		known = known && *p > ' ' && *p < 0x7f;
	if (!known || strlen(url) > 255)
		return error_say(err, EINVAL, "%s: '%.64s' is not a URL of http, https or ldap",
				 option, url);
	return 0;
}

static GENERAL_NAME *make_url_name(const char *url)
{
	cleanup_with(GENERAL_NAME_freep) GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_IA5STRING *text = ASN1_IA5STRING_new();

	if (name == NULL || text == NULL || ASN1_STRING_set(text, url, -1) != 1) {
		ASN1_IA5STRING_free(text);
		return NULL;
	}
	GENERAL_NAME_set0_value(name, GEN_URI, text);
	return take_ptr(name);
}

static DIST_POINT *make_dist_point(const char *url)
{
	cleanup_with(DIST_POINT_freep) DIST_POINT *point = DIST_POINT_new();
	cleanup_with(GENERAL_NAME_freep) GENERAL_NAME *name = make_url_name(url);

	if (point == NULL || name == NULL)
		return NULL;
	point->distpoint = DIST_POINT_NAME_new();
	if (point->distpoint == NULL)
		return NULL;
	point->distpoint->type = 0; /* a full name */
	point->distpoint->name.fullname = GENERAL_NAMES_new();
	if (point->distpoint->name.fullname == NULL ||
	    sk_GENERAL_NAME_push(point->distpoint->name.fullname, name) == 0)
		return NULL;
	name = NULL; /* the stack has it */
	return take_ptr(point);
}

int x509_add_crl_url(X509 *certificate, const char *url, struct error *err)
{
	cleanup_with(CRL_DIST_POINTS_freep) CRL_DIST_POINTS *points = CRL_DIST_POINTS_new();
	cleanup_with(DIST_POINT_freep) DIST_POINT *point = make_dist_point(url);

	if (points == NULL || point == NULL || sk_DIST_POINT_push(points, point) == 0)
		return openssl_error(err, ENOMEM, "add the URL of the CRL");
	point = NULL; /* the stack has it */
	return add(certificate, NID_crl_distribution_points, points, false, err);
}

static ACCESS_DESCRIPTION *make_access(const char *url)
{
	cleanup_with(ACCESS_DESCRIPTION_freep) ACCESS_DESCRIPTION *access =
		ACCESS_DESCRIPTION_new();
	GENERAL_NAME *name = make_url_name(url);

	if (access == NULL || name == NULL) {
		GENERAL_NAME_free(name);
		return NULL;
	}
	ASN1_OBJECT_free(access->method);
	access->method = OBJ_nid2obj(NID_ad_ca_issuers);
	GENERAL_NAME_free(access->location);
	access->location = name;
	return take_ptr(access);
}

int x509_add_issuer_url(X509 *certificate, const char *url, struct error *err)
{
	cleanup_with(AUTHORITY_INFO_ACCESS_freep) AUTHORITY_INFO_ACCESS *list =
		AUTHORITY_INFO_ACCESS_new();
	cleanup_with(ACCESS_DESCRIPTION_freep) ACCESS_DESCRIPTION *access = make_access(url);

	if (list == NULL || access == NULL || sk_ACCESS_DESCRIPTION_push(list, access) == 0)
		return openssl_error(err, ENOMEM, "add the URL of the issuer");
	access = NULL; /* the stack has it */
	return add(certificate, NID_info_access, list, false, err);
}

/* NULL for keys that have their digest built in. */
static const EVP_MD *digest_for(const EVP_PKEY *key)
{
	int bits = EVP_PKEY_get_bits(key);

	if (EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448"))
		return NULL;
	if (EVP_PKEY_is_a(key, "EC")) {
		if (bits <= 256)
			return EVP_sha256();
		return bits <= 384 ? EVP_sha384() : EVP_sha512();
	}
	return bits <= 2048 ? EVP_sha256() : EVP_sha384();
}

int x509_sign(X509 *certificate, const struct x509_signer *signer, struct error *err)
{
	const X509 *issuer = signer->certificate != NULL ? signer->certificate : certificate;

	if (X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) != 1 ||
	    X509_sign(certificate, signer->key, digest_for(signer->key)) == 0)
		return openssl_error(err, EIO, "sign a certificate");
	return 0;
}
