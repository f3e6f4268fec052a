/* SPDX-License-Identifier: BSD-3-Clause */
#include "verify/quote/ek_certificate.h"

#include <errno.h>
#include <limits.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "util/error.h"
#include "util/printable.h"

DEFINE_CLEANUP(EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free);
DEFINE_CLEANUP(GENERAL_NAMES, GENERAL_NAMES_free);
DEFINE_CLEANUP(X509_STORE, X509_STORE_free);
DEFINE_CLEANUP(X509_STORE_CTX, X509_STORE_CTX_free);

/* TCG OID registry. */
#define KP_EK "2.23.133.8.1"
#define AT_TPM_MANUFACTURER "2.23.133.2.1"
#define AT_TPM_MODEL "2.23.133.2.2"
#define AT_TPM_VERSION "2.23.133.2.3"

/* 112 bits: RSA of 2048, no SHA-1. */
#define SECURITY_LEVEL 2

static int add(STACK_OF(X509) * all, X509 *certificate)
{
	if (sk_X509_num(all) < CERTIFICATES_MOST && sk_X509_push(all, certificate) > 0)
		return 0;
	X509_free(certificate);
	return -EBADMSG;
}

/* Never asks for a password, even if a PEM text says that it is encrypted. */
static int no_password(char *buffer, int size, int writes, void *context)
{
	(void)buffer, (void)size, (void)writes, (void)context;
	return -1;
}

static int read_pem(const uint8_t *data, size_t len, STACK_OF(X509) * all)
{
	cleanup_with(BIO_free_allp) BIO *bio = BIO_new_mem_buf(data, (int)len);
	X509 *certificate;

	while (bio != NULL &&
	       (certificate = PEM_read_bio_X509(bio, NULL, no_password, NULL)) != NULL) {
		if (add(all, certificate) < 0)
			return -EBADMSG;
	}
	if (bio == NULL || ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
		return -EBADMSG;
	return 0;
}

static int read_der(const uint8_t *data, size_t len, STACK_OF(X509) * all)
{
	const uint8_t *end = data;
	X509 *certificate = d2i_X509(NULL, &end, (long)len);

	if (certificate == NULL)
		return -EBADMSG;
	if (end != data + len) {
		X509_free(certificate);
		return -EBADMSG;
	}
	return add(all, certificate);
}

int certificates_read(const uint8_t *data, size_t len, const char *what, STACK_OF(X509) * *ret,
		      struct error *err)
{
	cleanup_with(x509_stack_freep) STACK_OF(X509) *all = sk_X509_new_null();
	int r = -EBADMSG;

	if (all == NULL)
		return openssl_error(err, ENOMEM, "%s", what);
	if (len > 0 && len <= INT_MAX)
		r = data[0] == 0x30 ? read_der(data, len, all) : read_pem(data, len, all);
	ERR_clear_error();
	if (r < 0 || sk_X509_num(all) == 0)
		return error_say(err, EBADMSG, "%s: there are not 1 to %d certificates in it", what,
				 CERTIFICATES_MOST);
	*ret = take_ptr(all);
	return 0;
}

static bool has_purpose(X509 *certificate, const char *purpose)
{
	cleanup_with(EXTENDED_KEY_USAGE_freep) EXTENDED_KEY_USAGE *usage =
		X509_get_ext_d2i(certificate, NID_ext_key_usage, NULL, NULL);
	char text[64];

	for (int i = 0; i < sk_ASN1_OBJECT_num(usage); i++) {
		if (OBJ_obj2txt(text, sizeof(text), sk_ASN1_OBJECT_value(usage, i), 1) > 0 &&
		    strcmp(text, purpose) == 0)
			return true;
	}
	return false;
}

/* The profile wants a key that decrypts; one that also signs, or only signs, is accepted, too. */
static bool usage_fits(X509 *certificate)
{
	const uint32_t fits =
		X509v3_KU_DIGITAL_SIGNATURE | X509v3_KU_KEY_ENCIPHERMENT | X509v3_KU_KEY_AGREEMENT;
	uint32_t usage = X509_get_key_usage(certificate);

	return usage == UINT32_MAX || ((usage & fits) != 0 && (usage & ~fits) == 0);
}

/* The value of the attribute, which one of NAMES' directories has; false: none has it. */
static bool find_attribute(const GENERAL_NAMES *names, const char *oid, char *ret, size_t size)
{
	cleanup_with(ASN1_OBJECT_freep) ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);

	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		int len = -1;

		if (name->type == GEN_DIRNAME)
			len = X509_NAME_get_text_by_OBJ(name->d.directoryName, object, ret,
							(int)size);
		if (len > 0)
			return text_printable_length(ret) == (size_t)len;
	}
	return false;
}

static int read_subject(X509 *certificate, struct ek_subject *ret, struct error *err)
{
	cleanup_with(GENERAL_NAMES_freep) GENERAL_NAMES *names =
		X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);

	if (!find_attribute(names, AT_TPM_MANUFACTURER, ret->manufacturer,
			    sizeof(ret->manufacturer)) ||
	    !find_attribute(names, AT_TPM_MODEL, ret->model, sizeof(ret->model)) ||
	    !find_attribute(names, AT_TPM_VERSION, ret->version, sizeof(ret->version)))
		return error_say(err, EKEYREJECTED,
				 "the EK certificate does not name the TPM's manufacturer, model "
				 "and version");
	return 0;
}

int ek_certificate_check(X509 *certificate, struct ek_subject *ret, struct error *err)
{
	const char *reason = NULL;
	int r = 0;

	if (X509_get_version(certificate) != X509_VERSION_3)
		reason = "is not of version 3";
	else if (X509_check_ca(certificate) != 0)
		reason = "is a CA's";
	else if (!has_purpose(certificate, KP_EK))
		reason = "is not for an endorsement key (2.23.133.8.1)";
	else if (!usage_fits(certificate))
		reason = "is of a key for other purposes";
	if (reason != NULL)
		r = error_say(err, EKEYREJECTED, "the EK certificate %s", reason);
	else
		r = read_subject(certificate, ret, err);
	ERR_clear_error();
	return r;
}

static X509_STORE *make_store(const STACK_OF(X509) * roots)
{
	cleanup_with(X509_STORE_freep) X509_STORE *store = X509_STORE_new();

	for (int i = 0; store != NULL && i < sk_X509_num(roots); i++) {
		if (X509_STORE_add_cert(store, sk_X509_value(roots, i)) != 1)
			return NULL;
	}
	return take_ptr(store);
}

int ek_certificate_verify_chain(X509 *certificate, STACK_OF(X509) * roots,
				STACK_OF(X509) * intermediates, time_t when, struct error *err)
{
	cleanup_with(X509_STORE_freep) X509_STORE *store = make_store(roots);
	cleanup_with(X509_STORE_CTX_freep) X509_STORE_CTX *context = X509_STORE_CTX_new();
	X509_VERIFY_PARAM *parameters;
	int r = 0;

	if (store == NULL || context == NULL ||
	    X509_STORE_CTX_init(context, store, certificate, intermediates) != 1)
		return openssl_error(err, ENOMEM, "verify the EK certificate");
	parameters = X509_STORE_CTX_get0_param(context);
	X509_VERIFY_PARAM_set_time(parameters, when);
	X509_VERIFY_PARAM_set_auth_level(parameters, SECURITY_LEVEL);
	if (X509_verify_cert(context) != 1)
		r = error_say(err, EKEYREJECTED, "the EK certificate: %s",
			      X509_verify_cert_error_string(X509_STORE_CTX_get_error(context)));
	ERR_clear_error();
	return r;
}
