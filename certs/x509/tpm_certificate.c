/* SPDX-License-Identifier: BSD-3-Clause */
#include "certs/x509/tpm_certificate.h"

#include <errno.h>
#include <string.h>

#include "certs/x509/tcg_extensions.h"
#include "util/bytes.h"
#include "util/error.h"

const char *certificate_kind_name(enum certificate_kind kind)
{
	static const char *const names[CERTIFICATE_KINDS] = {
		[CERTIFICATE_EK] = "ek",
		[CERTIFICATE_PLATFORM] = "platform",
		[CERTIFICATE_IAK] = "iak",
		[CERTIFICATE_IDEVID] = "idevid",
	};

	return names[kind];
}

static bool is_identity(enum certificate_kind kind)
{
	return kind == CERTIFICATE_IAK || kind == CERTIFICATE_IDEVID;
}

unsigned int certificate_key_usage(const struct certificate_request *request)
{
	unsigned int usage = request->signs ? X509v3_KU_DIGITAL_SIGNATURE : 0;

	if (!request->decrypts)
		return usage;
	return usage | (EVP_PKEY_is_a(request->key, "RSA") ? X509v3_KU_KEY_ENCIPHERMENT
							   : X509v3_KU_KEY_AGREEMENT);
}

/* serialNumber is a PrintableString: what that cannot hold becomes a dash. */
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
 * A name that is too long, as one with a container's whole identifier in it can be, ends with a
 * part of its digest instead: it stays unique.
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

static int add_purpose(X509 *certificate, const struct certificate_request *request,
		       struct error *err)
{
	switch (request->kind) {
	case CERTIFICATE_EK:
		return tcg_add_purposes(certificate, (const char *[]){ TCG_KP_EK, NULL }, err);
	case CERTIFICATE_PLATFORM:
		return tcg_add_purposes(
			certificate,
			(const char *[]){ TCG_KP_PLATFORM_ATTRIBUTE, TCG_KP_PLATFORM_KEY, NULL },
			err);
	default:
		return 0; /* the profile of identity keys wants no extended key usage */
	}
}

/* "TPM 2.0 Keys for Device Identity and Attestation": what whoever signs has seen of the key. */
static int add_policies(X509 *certificate, const struct certificate_request *request,
			struct error *err)
{
	const bool iak = request->kind == CERTIFICATE_IAK;

	if (!is_identity(request->kind))
		return 0;
	return tcg_add_policies(
		certificate,
		(const char *[]){ TCG_CAP_VERIFIED_RESIDENCY,
				  iak ? TCG_CAP_VERIFIED_RESTRICTED : TCG_CAP_VERIFIED_FIXED,
				  NULL },
		err);
}

static int add_alternative_name(X509 *certificate, const struct certificate_request *request,
				struct error *err)
{
	const struct tcg_name_attribute tpm[] = {
		{ TCG_AT_TPM_MANUFACTURER, request->tpm->manufacturer },
		{ TCG_AT_TPM_MODEL, request->tpm_model },
		{ TCG_AT_TPM_VERSION, request->tpm->firmware },
	};
	const struct tcg_name_attribute platform[] = {
		{ TCG_AT_PLATFORM_MANUFACTURER, request->platform_manufacturer },
		{ TCG_AT_PLATFORM_MODEL, request->platform_model },
		{ TCG_AT_PLATFORM_VERSION, request->platform_version },
	};
	const struct tcg_name_attribute platform_12[] = {
		tpm[0],
		tpm[1],
		tpm[2],
		{ TCG_AT_12_PLATFORM_MANUFACTURER, request->platform_manufacturer },
		{ TCG_AT_12_PLATFORM_MODEL, request->platform_model },
		{ TCG_AT_12_PLATFORM_VERSION, request->platform_version },
	};

	if (is_identity(request->kind))
		return tcg_add_hardware_name(certificate, request->tpm->manufacturer,
					     request->ek_certificate, err);
	if (request->kind == CERTIFICATE_EK)
		return tcg_add_directory_name(certificate, tpm, 3, err);
	if (request->tpm->version == TPM_VERSION_1_2)
		return tcg_add_directory_name(certificate, platform_12, 6, err);
	return tcg_add_directory_name(certificate, platform, 3, err);
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
	int r = add_policies(certificate, request, err);

	if (r == 0)
		r = add_alternative_name(certificate, request, err);
	if (r == 0)
		r = x509_add_basic_constraints(certificate, false, 0, err);
	if (r == 0 && request->kind == CERTIFICATE_EK)
		r = tcg_add_specification(certificate, request->tpm, err);
	if (r == 0)
		r = x509_add_authority_key_id(certificate, signer, err);
	if (r == 0)
		r = add_urls(certificate, urls, err);
	if (r == 0)
		r = x509_add_key_usage(certificate, certificate_key_usage(request), err);
	if (r == 0)
		r = add_purpose(certificate, request, err);
	/* The EK profile says of a subject key identifier: SHOULD NOT. */
	if (r == 0 && is_identity(request->kind))
		r = x509_add_subject_key_id(certificate, err);
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
