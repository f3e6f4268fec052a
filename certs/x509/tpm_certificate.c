/* SPDX-License-Identifier: BSD-3-Clause */
#include "certs/x509/tpm_certificate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "util/bytes.h"
#include "util/error.h"

/* TCG OID registry. */
#define HW_TYPE_TPM2 "2.23.133.1.2"
#define AT_TPM_MANUFACTURER "2.23.133.2.1"
#define AT_TPM_MODEL "2.23.133.2.2"
#define AT_TPM_VERSION "2.23.133.2.3"
#define AT_12_PLATFORM_MANUFACTURER "2.23.133.2.4"
#define AT_12_PLATFORM_MODEL "2.23.133.2.5"
#define AT_12_PLATFORM_VERSION "2.23.133.2.6"
#define AT_TPM_SPECIFICATION "2.23.133.2.16"
#define AT_PLATFORM_MANUFACTURER "2.23.133.5.1.1"
#define AT_PLATFORM_MODEL "2.23.133.5.1.4"
#define AT_PLATFORM_VERSION "2.23.133.5.1.5"
#define KP_EK "2.23.133.8.1"
/*
 * Verifiers look for the first in platform certificates of either form. Ours has the form of a
 * public key certificate, to which the second belongs.
 */
#define KP_PLATFORM_ATTRIBUTE "2.23.133.8.2"
#define KP_PLATFORM_KEY "2.23.133.8.4"
#define CAP_VERIFIED_RESIDENCY "2.23.133.11.1.1"
#define CAP_VERIFIED_FIXED "2.23.133.11.1.2"
#define CAP_VERIFIED_RESTRICTED "2.23.133.11.1.3"

/* "TPM 2.0 Keys for Device Identity and Attestation" wants no extended key usage. */
static const struct {
	const char *name;
	const char *purposes;
	const char *policies; /* what whoever signs has seen of the key */
} kinds[CERTIFICATE_KINDS] = {
	[CERTIFICATE_EK] = { "ek", KP_EK, NULL },
	[CERTIFICATE_PLATFORM] = { "platform", KP_PLATFORM_ATTRIBUTE "," KP_PLATFORM_KEY, NULL },
	[CERTIFICATE_IAK] = { "iak", NULL, CAP_VERIFIED_RESIDENCY "," CAP_VERIFIED_RESTRICTED },
	[CERTIFICATE_IDEVID] = { "idevid", NULL, CAP_VERIFIED_RESIDENCY "," CAP_VERIFIED_FIXED },
};

const char *certificate_kind_name(enum certificate_kind kind)
{
	return kinds[kind].name;
}

static bool is_identity(enum certificate_kind kind)
{
	return kind == CERTIFICATE_IAK || kind == CERTIFICATE_IDEVID;
}

const char *certificate_key_usage(const struct certificate_request *request)
{
	static const char *const usages[2][3] = {
		{ "", "keyEncipherment", "keyAgreement" },
		{ "digitalSignature", "digitalSignature,keyEncipherment",
		  "digitalSignature,keyAgreement" },
	};
	int decrypts = !request->decrypts ? 0 : EVP_PKEY_is_a(request->key, "RSA") ? 1 : 2;

	return usages[request->signs][decrypts];
}

/* serialNumber is a PrintableString: any other character becomes a dash. */
static int add_device_serial(X509_NAME *name, const char *subject, struct error *err)
{
	char text[CERTIFICATE_SUBJECT_MAX + 1];
	size_t len = strlen(subject);

	for (size_t i = 0; i <= len; i++) {
		char c = subject[i];
		bool printable = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
				 (c >= '0' && c <= '9') || strchr(" '()+,-./:=?", c) != NULL;

		text[i] = printable ? c : '-'; /* strchr() finds the final NUL as well */
	}
	return x509_name_add(name, "serialNumber", V_ASN1_PRINTABLESTRING, text, err);
}

/*
 * Shortens a name that is too long, for instance one with a container's whole identifier: it ends
 * with a part of its digest, and so stays unique.
 */
static int fit_subject(const char *subject, char text[static CERTIFICATE_SUBJECT_MAX + 1],
		       struct error *err)
{
	size_t kept = CERTIFICATE_SUBJECT_MAX - 17;
	uint8_t digest[EVP_MAX_MD_SIZE];
	size_t len = strlen(subject);

	if (len == 0)
		return error_say(err, EINVAL, "a certificate's subject is not empty");
	if (len <= CERTIFICATE_SUBJECT_MAX) {
		(void)strcpy(text, subject);
		return 0;
	}
	if (EVP_Digest(subject, len, digest, NULL, EVP_sha256(), NULL) != 1)
		return openssl_error(err, EIO, "make a certificate's subject");
	while (kept > 0 && ((uint8_t)subject[kept] & 0xc0) == 0x80)
		kept--; /* not within a character of UTF-8 */
	memcpy(text, subject, kept);
	text[kept] = '-';
	hex_encode(digest, 8, text + kept + 1);
	return 0;
}

static int make_subject(const struct certificate_request *request, X509_NAME **ret,
			struct error *err)
{
	cleanup_with(X509_NAME_freep) X509_NAME *name = X509_NAME_new();
	char text[CERTIFICATE_SUBJECT_MAX + 1];
	int r;

	if (name == NULL)
		return openssl_error(err, ENOMEM, "make a certificate's subject");
	r = fit_subject(request->subject, text, err);
	if (r == 0)
		r = x509_name_add(name, "CN", MBSTRING_UTF8, text, err);
	if (r == 0 && is_identity(request->kind))
		r = add_device_serial(name, text, err);
	if (r == 0)
		*ret = take_ptr(name);
	return r;
}

/*
 * hardwareModuleName (RFC 4108) of a TPM 2.0, whose serial number is "manufacturer:authority key
 * id:serial" of the EK's certificate: hex digits all three.
 */
static int add_hardware_name(X509 *certificate, const struct certificate_request *request,
			     struct error *err)
{
	char authority[65], serial[65], sections[320];

	asn1_hex(X509_get0_authority_key_id(request->ek_certificate), authority);
	asn1_hex(X509_get0_serialNumber(request->ek_certificate), serial);
	(void)snprintf(sections, sizeof(sections),
		       "[module]\n"
		       "type = OID:" HW_TYPE_TPM2 "\n"
		       "serial = FORMAT:ASCII,OCTETSTRING:%.8s:%s:%s\n",
		       request->tpm->manufacturer + strlen("id:"), authority, serial);
	return x509_add(certificate, "subjectAltName",
			"otherName:1.3.6.1.5.5.7.8.4;SEQUENCE:module", sections, err);
}

struct name_attribute {
	const char *oid;
	const char *value;
};

static int add_directory_name(X509 *certificate, const struct name_attribute *attributes,
			      size_t count, struct error *err)
{
	cleanup_with(X509_NAME_freep) X509_NAME *directory = X509_NAME_new();
	int r = 0;

	if (directory == NULL)
		return openssl_error(err, ENOMEM, "add an alternative name");
	for (size_t i = 0; r == 0 && i < count; i++)
		r = x509_name_add(directory, attributes[i].oid, V_ASN1_UTF8STRING,
				  attributes[i].value, err);
	return r == 0 ? x509_add_directory_name(certificate, directory, err) : r;
}

static int add_alternative_name(X509 *certificate, const struct certificate_request *request,
				struct error *err)
{
	const bool is_12 = request->tpm->version == TPM_VERSION_1_2;
	const struct name_attribute attributes[] = {
		{ AT_TPM_MANUFACTURER, request->tpm->manufacturer },
		{ AT_TPM_MODEL, request->tpm_model },
		{ AT_TPM_VERSION, request->tpm->firmware },
		{ is_12 ? AT_12_PLATFORM_MANUFACTURER : AT_PLATFORM_MANUFACTURER,
		  request->platform_manufacturer },
		{ is_12 ? AT_12_PLATFORM_MODEL : AT_PLATFORM_MODEL, request->platform_model },
		{ is_12 ? AT_12_PLATFORM_VERSION : AT_PLATFORM_VERSION, request->platform_version },
	};

	if (is_identity(request->kind))
		return add_hardware_name(certificate, request, err);
	if (request->kind == CERTIFICATE_EK)
		return add_directory_name(certificate, attributes, 3, err);
	/* Only that of a TPM 1.2 names the TPM as well. */
	return add_directory_name(certificate, is_12 ? attributes : attributes + 3, is_12 ? 6 : 3,
				  err);
}

/* Subject directory attributes: the specification the TPM follows. */
static int add_specification(X509 *certificate, const struct tpm_attributes *tpm, struct error *err)
{
	char sections[320];

	(void)snprintf(sections, sizeof(sections),
		       "[attributes]\n"
		       "attribute = SEQUENCE:attribute\n"
		       "[attribute]\n"
		       "type = OID:" AT_TPM_SPECIFICATION "\n"
		       "values = SET:values\n"
		       "[values]\n"
		       "specification = SEQUENCE:specification\n"
		       "[specification]\n"
		       "family = FORMAT:UTF8,UTF8String:%s\n"
		       "level = INTEGER:%u\n"
		       "revision = INTEGER:%u\n",
		       tpm->version == TPM_VERSION_1_2 ? "1.2" : "2.0", tpm->level, tpm->revision);
	return x509_add(certificate, "subjectDirectoryAttributes", "ASN1:SEQUENCE:attributes",
			sections, err);
}

static int add_urls(X509 *certificate, const struct certificate_urls *urls, struct error *err)
{
	int r = 0;

	if (urls->issuer != NULL)
		r = x509_add_issuer_url(certificate, urls->issuer, err);
	if (r == 0 && urls->crl != NULL)
		r = x509_add_crl_url(certificate, urls->crl, err);
	return r;
}

/* In the order in which the profile lists them. */
static int add_extensions(X509 *certificate, const struct certificate_request *request,
			  const struct x509_signer *signer, const struct certificate_urls *urls,
			  struct error *err)
{
	const char *policies = kinds[request->kind].policies;
	const char *purposes = kinds[request->kind].purposes;
	char usage[64];
	int r = 0;

	(void)snprintf(usage, sizeof(usage), "critical,%s", certificate_key_usage(request));
	if (policies != NULL)
		r = x509_add(certificate, "certificatePolicies", policies, NULL, err);
	if (r == 0)
		r = add_alternative_name(certificate, request, err);
	if (r == 0)
		r = x509_add(certificate, "basicConstraints", "critical,CA:FALSE", NULL, err);
	if (r == 0 && request->kind == CERTIFICATE_EK)
		r = add_specification(certificate, request->tpm, err);
	if (r == 0)
		r = x509_add_authority_key_id(certificate, signer, err);
	if (r == 0)
		r = add_urls(certificate, urls, err);
	if (r == 0)
		r = x509_add(certificate, "keyUsage", usage, NULL, err);
	if (r == 0 && purposes != NULL)
		r = x509_add(certificate, "extendedKeyUsage", purposes, NULL, err);
	/* The EK profile says of a subject key identifier: SHOULD NOT. */
	if (r == 0 && is_identity(request->kind))
		r = x509_add(certificate, "subjectKeyIdentifier", "hash", NULL, err);
	return r;
}

int tpm_certificate_issue(const struct certificate_request *request,
			  const struct x509_signer *signer, const struct certificate_urls *urls,
			  X509 **ret, struct error *err)
{
	cleanup_with(X509_NAME_freep) X509_NAME *subject = NULL;
	cleanup_with(X509_freep) X509 *certificate = NULL;
	int r;

	r = make_subject(request, &subject, err);
	if (r == 0)
		r = x509_begin(subject, request->key, &certificate, err);
	if (r == 0)
		r = add_extensions(certificate, request, signer, urls, err);
	if (r == 0)
		r = x509_sign(certificate, signer, err);
	if (r < 0)
		return error_prefix(err, r, "%s certificate", certificate_kind_name(request->kind));
	*ret = take_ptr(certificate);
	return 0;
}
