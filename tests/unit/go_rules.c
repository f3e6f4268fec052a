/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/go_rules.h"

#include <string.h>

/* Extensions that Go handles; what else is critical stops the verification. */
static const int handled[] = { NID_key_usage, NID_basic_constraints, NID_name_constraints,
			       NID_ext_key_usage, NID_certificate_policies };

/* An alternative name counts as handled only with a name in it that Go knows. */
static bool has_known_name(const X509 *certificate)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	bool known = false;

	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		int type = sk_GENERAL_NAME_value(names, i)->type;

		known = known || type == GEN_DNS || type == GEN_EMAIL || type == GEN_URI ||
			type == GEN_IPADD;
	}
	GENERAL_NAMES_free(names);
	return known;
}

static bool is_handled(const X509 *certificate, int nid)
{
	for (size_t i = 0; i < sizeof(handled) / sizeof(handled[0]); i++) {
		if (handled[i] == nid)
			return true;
	}
	return nid == NID_subject_alt_name && has_known_name(certificate);
}

static const char *check_extensions(const X509 *certificate)
{
	for (int i = 0; i < X509_get_ext_count(certificate); i++) {
		X509_EXTENSION *extension = X509_get_ext(certificate, i);
		int nid = OBJ_obj2nid(X509_EXTENSION_get_object(extension));
		bool critical = X509_EXTENSION_get_critical(extension) != 0;

		if (X509_get_ext_by_OBJ(certificate, X509_EXTENSION_get_object(extension), i) >= 0)
			return "x509: certificate contains duplicate extensions";
		if (critical && nid == NID_authority_key_identifier)
			return "x509: authority key identifier incorrectly marked critical";
		if (critical && nid == NID_subject_key_identifier)
			return "x509: subject key identifier incorrectly marked critical";
		if (critical && nid == NID_info_access)
			return "x509: authority info access incorrectly marked critical";
		if (critical && !is_handled(certificate, nid))
			return "x509: unhandled critical extension";
	}
	return NULL;
}

static const char *check_serial(const X509 *certificate)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(certificate);

	if (ASN1_STRING_type(serial) == V_ASN1_NEG_INTEGER)
		return "x509: negative serial number";
	if (ASN1_STRING_length(serial) > 20 || ASN1_STRING_get0_data(serial)[0] >= 0x80)
		return "x509: serial number of more than 20 octets";
	return NULL;
}

/* RFC 5280, 4.1.2.5: UTCTime through 2049, GeneralizedTime after it, both with seconds and Z. */
static bool is_proper_time(const ASN1_TIME *when)
{
	const char *text = (const char *)ASN1_STRING_get0_data(when);
	int len = ASN1_STRING_length(when);

	if (ASN1_STRING_type(when) == V_ASN1_UTCTIME)
		return len == 13 && text[12] == 'Z';
	return len == 15 && text[14] == 'Z' && memcmp(text, "2050", 4) >= 0;
}

static const char *check_times(const X509 *certificate)
{
	if (!is_proper_time(X509_get0_notBefore(certificate)) ||
	    !is_proper_time(X509_get0_notAfter(certificate)))
		return "x509: malformed time";
	if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0 ||
	    X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0)
		return "x509: certificate has expired or is not yet valid";
	return NULL;
}

static const char *check_algorithms(const X509 *certificate)
{
	const X509_ALGOR *inner = X509_get0_tbs_sigalg(certificate), *outer;
	int digest = NID_undef;

	X509_get0_signature(NULL, &outer, certificate);
	if (X509_ALGOR_cmp(inner, outer) != 0)
		return "x509: inner and outer signature algorithm identifiers don't match";
	if (X509_get_signature_info((X509 *)(uintptr_t)certificate, &digest, NULL, NULL, NULL) !=
		    1 ||
	    digest == NID_sha1 || digest == NID_md5)
		return "x509: cannot verify signature: insecure algorithm";
	return NULL;
}

static const char *check_public_key(const X509 *certificate)
{
	const EVP_PKEY *key = X509_get0_pubkey(certificate);
	X509_ALGOR *algorithm = NULL;
	const void *parameter;
	int type;

	(void)X509_PUBKEY_get0_param(NULL, NULL, NULL, &algorithm,
				     X509_get_X509_PUBKEY(certificate));
	X509_ALGOR_get0(NULL, &type, &parameter, algorithm);
	if (key == NULL)
		return "x509: failed to parse public key";
	if (EVP_PKEY_is_a(key, "RSA") && type != V_ASN1_NULL)
		return "x509: RSA key missing NULL parameters";
	if (EVP_PKEY_is_a(key, "EC") && type != V_ASN1_OBJECT)
		return "x509: invalid ECDSA parameters";
	return NULL;
}

static const char *check_parsing(const X509 *certificate)
{
	static const char *(*const checks[])(const X509 *certificate) = {
		check_serial, check_times, check_algorithms, check_public_key, check_extensions,
	};
	const char *broken = NULL;

	if (X509_get_version(certificate) != X509_VERSION_3)
		return "x509: invalid version";
	for (size_t i = 0; broken == NULL && i < sizeof(checks) / sizeof(checks[0]); i++)
		broken = checks[i](certificate);
	return broken;
}

/* CheckSignatureFrom and isValid of the parent; BELOW counts the CAs between it and the leaf. */
static const char *check_parent(X509 *child, X509 *parent, int below)
{
	BASIC_CONSTRAINTS *constraints =
		X509_get_ext_d2i(parent, NID_basic_constraints, NULL, NULL);
	bool is_ca = constraints != NULL && constraints->ca != 0;
	long most = constraints != NULL && constraints->pathlen != NULL
			    ? ASN1_INTEGER_get(constraints->pathlen)
			    : 99;

	BASIC_CONSTRAINTS_free(constraints);
	if (!is_ca)
		return "x509: certificate is not authorized to sign other certificates";
	if (below > most)
		return "x509: too many intermediates for path length constraint";
	if ((X509_get_key_usage(parent) & X509v3_KU_KEY_CERT_SIGN) == 0)
		return "x509: invalid signature: parent certificate cannot sign this kind";
	/* Go compares the bytes of the two names, not what they mean. */
	if (X509_NAME_cmp(X509_get_issuer_name(child), X509_get_subject_name(parent)) != 0)
		return "x509: issuer name does not match subject from issuing certificate";
	if (X509_verify(child, X509_get0_pubkey(parent)) != 1)
		return "x509: signature verification failure";
	return NULL;
}

const char *go_rules_broken(const STACK_OF(X509) * chain)
{
	const char *broken = NULL;
	int count = sk_X509_num(chain);

	for (int i = 0; broken == NULL && i < count; i++)
		broken = check_parsing(sk_X509_value(chain, i));
	for (int i = 0; broken == NULL && i + 1 < count; i++)
		broken = check_parent(sk_X509_value(chain, i), sk_X509_value(chain, i + 1), i);
	return broken;
}
