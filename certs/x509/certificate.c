/* SPDX-License-Identifier: BSD-3-Clause */
#include "certs/x509/certificate.h"

#include <errno.h>
#include <string.h>

#include <openssl/conf.h>
#include <openssl/rand.h>

#include "util/error.h"
#include "util/printable.h"

DEFINE_CLEANUP(AUTHORITY_INFO_ACCESS, AUTHORITY_INFO_ACCESS_free);
DEFINE_CLEANUP(AUTHORITY_KEYID, AUTHORITY_KEYID_free);
DEFINE_CLEANUP(CONF, NCONF_free);
DEFINE_CLEANUP(CRL_DIST_POINTS, CRL_DIST_POINTS_free);
DEFINE_CLEANUP(GENERAL_NAME, GENERAL_NAME_free);
DEFINE_CLEANUP(GENERAL_NAMES, GENERAL_NAMES_free);

/* In seconds: a verifier's clock may be behind ours. */
#define CLOCK_ROOM 3600

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

int x509_begin(const X509_NAME *subject, const EVP_PKEY *pkey, X509 **ret, struct error *err)
{
	cleanup_with(X509_freep) X509 *certificate = X509_new();

	if (certificate == NULL || X509_set_version(certificate, X509_VERSION_3) != 1 ||
	    !set_serial(certificate) ||
	    X509_gmtime_adj(X509_getm_notBefore(certificate), -CLOCK_ROOM) == NULL ||
	    ASN1_TIME_set_string(X509_getm_notAfter(certificate), "99991231235959Z") != 1 ||
	    X509_set_subject_name(certificate, subject) != 1 ||
	    X509_set_pubkey(certificate, (EVP_PKEY *)(uintptr_t)pkey) != 1)
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

static X509_EXTENSION *make_extension(X509 *certificate, const char *name, const char *text,
				      const char *sections)
{
	cleanup_with(BIO_free_allp) BIO *bio = BIO_new_mem_buf(sections, -1);
	cleanup_with(NCONF_freep) CONF *conf = NCONF_new(NULL);
	X509V3_CTX context;

	if (bio == NULL || conf == NULL || NCONF_load_bio(conf, bio, NULL) != 1)
		return NULL;
	X509V3_set_ctx(&context, NULL, certificate, NULL, NULL, 0);
	X509V3_set_nconf(&context, conf);
	return X509V3_EXT_nconf(conf, &context, name, text);
}

int x509_add(X509 *certificate, const char *extension, const char *text, const char *sections,
	     struct error *err)
{
	cleanup_with(X509_EXTENSION_freep) X509_EXTENSION *made =
		make_extension(certificate, extension, text, sections != NULL ? sections : "");

	if (made == NULL || X509_add_ext(certificate, made, -1) != 1)
		return openssl_error(err, EIO, "add %s to a certificate", extension);
	return 0;
}

/* Adds an extension by OpenSSL's structure for it. */
static int add_value(X509 *certificate, int nid, void *value, struct error *err)
{
	if (X509_add1_ext_i2d(certificate, nid, value, 0, X509V3_ADD_DEFAULT) != 1)
		return openssl_error(err, EIO, "add %s to a certificate", OBJ_nid2sn(nid));
	return 0;
}

int x509_add_directory_name(X509 *certificate, X509_NAME *directory, struct error *err)
{
	cleanup_with(GENERAL_NAMES_freep) GENERAL_NAMES *names = GENERAL_NAMES_new();
	cleanup_with(GENERAL_NAME_freep) GENERAL_NAME *name = GENERAL_NAME_new();
	X509_NAME *copy = X509_NAME_dup(directory);

	if (name != NULL)
		GENERAL_NAME_set0_value(name, GEN_DIRNAME, copy);
	if (names == NULL || name == NULL || copy == NULL || sk_GENERAL_NAME_push(names, name) == 0)
		return openssl_error(err, ENOMEM, "add an alternative name");
	name = NULL; /* the stack has it */
	return add_value(certificate, NID_subject_alt_name, names, err);
}

/* Has OpenSSL parse the words of an extension. */
static void *make_value(X509 *certificate, const char *name, const char *text)
{
	cleanup_with(X509_EXTENSION_freep) X509_EXTENSION *extension =
		make_extension(certificate, name, text, "");

	return extension != NULL ? X509V3_EXT_d2i(extension) : NULL;
}

int x509_add_authority_key_id(X509 *certificate, const struct x509_signer *signer,
			      struct error *err)
{
	cleanup_with(AUTHORITY_KEYID_freep) AUTHORITY_KEYID *value = AUTHORITY_KEYID_new();
	X509 *issuer = signer->certificate != NULL ? signer->certificate : certificate;
	const ASN1_OCTET_STRING *id = X509_get0_subject_key_id(issuer);

	if (value != NULL)
		value->keyid = id != NULL ? ASN1_OCTET_STRING_dup(id)
					  : make_value(issuer, "subjectKeyIdentifier", "hash");
	if (value == NULL || value->keyid == NULL)
		return openssl_error(err, EIO, "make a key identifier");
	return add_value(certificate, NID_authority_key_identifier, value, err);
}

/* Sets the URL as a value: no character in it has a meaning for OpenSSL. */
static bool set_url(const GENERAL_NAME *name, const char *url)
{
	return ASN1_STRING_set(name->d.uniformResourceIdentifier, url, -1) == 1;
}

int x509_add_crl_url(X509 *certificate, const char *url, struct error *err)
{
	cleanup_with(CRL_DIST_POINTS_freep) CRL_DIST_POINTS *points =
		make_value(NULL, "crlDistributionPoints", "URI:x");

	if (points == NULL ||
	    !set_url(sk_GENERAL_NAME_value(sk_DIST_POINT_value(points, 0)->distpoint->name.fullname,
					   0),
		     url))
		return openssl_error(err, ENOMEM, "add the URL of the CRL");
	return add_value(certificate, NID_crl_distribution_points, points, err);
}

int x509_add_issuer_url(X509 *certificate, const char *url, struct error *err)
{
	cleanup_with(AUTHORITY_INFO_ACCESS_freep) AUTHORITY_INFO_ACCESS *list =
		make_value(NULL, "authorityInfoAccess", "caIssuers;URI:x");

	if (list == NULL || !set_url(sk_ACCESS_DESCRIPTION_value(list, 0)->location, url))
		return openssl_error(err, ENOMEM, "add the URL of the issuer");
	return add_value(certificate, NID_info_access, list, err);
}

int x509_check_text(const char *option, const char *text, size_t most, struct error *err)
{
	const size_t len = strlen(text), printable = text_printable_length(text);

	if (len == 0 || len > most)
		return error_say(err, EINVAL, "%s: a text has 1 to %zu bytes, not %zu", option,
				 most, len);
	if (printable < len)
		return error_say(err, EINVAL, "%s: byte %zu is not UTF-8, or a control character",
				 option, printable + 1);
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
