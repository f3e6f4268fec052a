/* SPDX-License-Identifier: BSD-3-Clause */
#include "certs/ca/external.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include <jansson.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "util/child.h"
#include "util/error.h"

static json_t *usage_list(const struct certificate_request *request)
{
	const char *word = certificate_key_usage(request);
	json_t *list = json_array();

	while (*word != '\0') {
		size_t len = strcspn(word, ",");

		(void)json_array_append_new(list, json_stringn(word, len));
		word += len + (word[len] == ',');
	}
	return list;
}

static json_t *text_of(BIO *bio)
{
	char *text;
	long len = BIO_get_mem_data(bio, &text);

	return json_stringn(text, (size_t)len);
}

static json_t *public_key(const EVP_PKEY *key)
{
	cleanup_with(BIO_free_allp) BIO *bio = BIO_new(BIO_s_mem());

	return bio != NULL && PEM_write_bio_PUBKEY(bio, key) == 1 ? text_of(bio) : NULL;
}

static json_t *ek_certificate(X509 *certificate)
{
	cleanup_with(BIO_free_allp) BIO *bio = BIO_new(BIO_s_mem());

	if (certificate == NULL)
		return json_null();
	return bio != NULL && PEM_write_bio_X509(bio, certificate) == 1 ? text_of(bio) : NULL;
}

int external_ca_request(const struct certificate_request *request, char **ret, struct error *err)
{
	const struct tpm_attributes *tpm = request->tpm;
	cleanup_with(json_decrefp) json_t *root = json_pack(
		"{s:i, s:s, s:s, s:o, s:o, s:o, s:{s:s, s:s, s:s, s:s, s:I, s:I}, s:{s:s, s:s, "
		"s:s}}",
		"version", 1, "type", certificate_kind_name(request->kind), "subject",
		request->subject, "publicKey", public_key(request->key), "keyUsage",
		usage_list(request), "ekCertificate", ek_certificate(request->ek_certificate),
		"tpm", "manufacturer", tpm->manufacturer, "model", request->tpm_model, "version",
		tpm->firmware, "family", tpm->family, "level", (json_int_t)tpm->level, "revision",
		(json_int_t)tpm->revision, "platform", "manufacturer",
		request->platform_manufacturer, "model", request->platform_model, "version",
		request->platform_version);
	char *text = root != NULL ? json_dumps(root, JSON_INDENT(2)) : NULL;

	if (text == NULL)
		return openssl_error(err, EINVAL, "describe a certificate for the CA's command");
	*ret = text;
	return 0;
}

static X509 *parse_pem(const uint8_t *answer, size_t len)
{
	cleanup_with(BIO_free_allp) BIO *bio = BIO_new_mem_buf(answer, (int)len);

	return bio != NULL ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
}

int external_ca_parse(const uint8_t *answer, size_t len, X509 **ret, struct error *err)
{
	cleanup_with(X509_freep) X509 *certificate = NULL;
	const uint8_t *p = answer;

	if (len > EXTERNAL_CA_ANSWER_MAX)
		return error_say(err, EPROTO, "the answer is longer than %d bytes",
				 EXTERNAL_CA_ANSWER_MAX);
	if (memmem(answer, len, "-----BEGIN", 10) != NULL) {
		certificate = parse_pem(answer, len);
	} else {
		certificate = d2i_X509(NULL, &p, (long)len);
		if (certificate != NULL && p != answer + len)
			return error_say(err, EPROTO, "there is more behind the certificate");
	}
	if (certificate == NULL)
		return openssl_error(err, EPROTO, "the answer is no certificate");
	ERR_clear_error();
	*ret = take_ptr(certificate);
	return 0;
}

/* Refuses what would make the certificate useless in the TPM; all else is up to the CA. */
static int check(const struct certificate_request *request, X509 *certificate, struct error *err)
{
	cleanup_with(openssl_freep) uint8_t *der = NULL;
	size_t len;
	int r;

	if (!x509_has_key(certificate, request->key))
		return error_say(err, EPROTO, "the certificate is one of another key");
	if (X509_check_ca(certificate) != 0)
		return error_say(err, EPROTO, "the certificate is one of a CA");
	if (X509_cmp_time(X509_get0_notAfter(certificate), NULL) <= 0)
		return error_say(err, EPROTO, "the certificate has expired");
	r = x509_to_der(certificate, &der, &len, err);
	if (r == 0 && len > TPM_NV_INDEX_MAX)
		return error_say(err, EFBIG, "the certificate has %zu bytes, a TPM holds %d", len,
				 TPM_NV_INDEX_MAX);
	return r;
}

static int ask(const char *program, unsigned int timeout_ms, const char *text, X509 **ret,
	       struct error *err)
{
	const char *const argv[] = { program, NULL };
	const struct child_request request = {
		.argv = argv,
		.input = text,
		.input_len = strlen(text),
		.output_max = EXTERNAL_CA_ANSWER_MAX,
		.timeout_ms = timeout_ms != 0 ? timeout_ms : EXTERNAL_CA_TIMEOUT_MS,
	};
	cleanup_free uint8_t *answer = NULL;
	size_t len;
	int r;

	if (program[0] != '/')
		return error_say(err, EINVAL, "%s is not an absolute path", program);
	r = child_run(&request, &answer, &len, err);
	if (r < 0)
		return r;
	r = external_ca_parse(answer, len, ret, err);
	return r < 0 ? error_prefix(err, r, "%s", program) : 0;
}

int external_ca_issue(const char *program, unsigned int timeout_ms,
		      const struct certificate_request *request, X509 **ret, struct error *err)
{
	cleanup_with(X509_freep) X509 *certificate = NULL;
	cleanup_free char *text = NULL;
	int r;

	r = external_ca_request(request, &text, err);
	if (r == 0)
		r = ask(program, timeout_ms, text, &certificate, err);
	if (r < 0)
		return error_prefix(err, r, "%s certificate", certificate_kind_name(request->kind));
	r = check(request, certificate, err);
	if (r < 0)
		return error_prefix(err, r, "%s certificate: %s",
				    certificate_kind_name(request->kind), program);
	*ret = take_ptr(certificate);
	return 0;
}
