/* SPDX-License-Identifier: BSD-3-Clause */
#include "certs/ca/ca.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#include <openssl/err.h>

#include "certs/ca/dir.h"
#include "certs/ca/external.h"
#include "certs/ca/key_store.h"
#include "util/clock.h"
#include "util/error.h"

struct ca {
	EVP_PKEY *key;
	STACK_OF(X509) * chain;
	struct certificate_urls urls;
	const char *command; /* not NULL: this command has the key */
	unsigned int timeout_ms;
};

void ca_close(struct ca *ca)
{
	if (ca == NULL)
		return;
	EVP_PKEY_free(ca->key);
	sk_X509_pop_free(ca->chain, X509_free);
	free(ca);
}

static int check_pair(const struct ca *ca, struct error *err)
{
	X509 *certificate = sk_X509_value(ca->chain, 0);

	if (!x509_has_key(certificate, ca->key))
		return error_say(err, EINVAL, "the CA's key and its certificate are not a pair");
	return 0;
}

const char *ca_path(const struct ca_options *options)
{
	return options->dir != NULL ? options->dir : CA_DEFAULT_DIR;
}

static void name_file(const struct ca_options *options, int i, char *text, size_t size)
{
	if (options->key_uri != NULL)
		(void)snprintf(text, size, "certificate %d of %s", i + 1, options->chain_file);
	else
		(void)snprintf(text, size, "%s/%s", ca_path(options), ca_dir_certificate_file(i));
}

/*
 * The clock is wrong now, or was when the CA was made; the sentence has both times and the way out.
 */
static int say_not_now(const char *name, const char *how, const ASN1_TIME *when, struct error *err)
{
	char text[UTC_TEXT_SIZE] = "some time", now[UTC_TEXT_SIZE];
	struct tm tm;

	if (ASN1_TIME_to_tm(when, &tm) == 1)
		utc_text(timegm(&tm), text);
	utc_text(time(NULL), now);
	return error_say(err, EKEYEXPIRED,
			 "%s %s %s, and the clock says %s: set the clock, or take another CA", name,
			 how, text, now);
}

static int check_dates(const X509 *certificate, const char *name, struct error *err)
{
	if (X509_cmp_time(X509_get0_notBefore(certificate), NULL) > 0)
		return say_not_now(name, "is valid from", X509_get0_notBefore(certificate), err);
	if (X509_cmp_time(X509_get0_notAfter(certificate), NULL) <= 0)
		return say_not_now(name, "expired on", X509_get0_notAfter(certificate), err);
	return 0;
}

/*
 * Names and key identifiers distinguish a local CA's certificates from any other's. Signatures are
 * verified only in chains from outside, as that takes as long as making one.
 */
static bool has_issued(X509 *issuer, X509 *subject, bool local)
{
	bool yes = X509_check_issued(issuer, subject) == X509_V_OK &&
		   (local || X509_verify(subject, X509_get0_pubkey(issuer)) == 1);

	ERR_clear_error();
	return yes;
}

/* Checks what every verifier will check: no certificate is better than one that nobody accepts. */
static int check_chain(const struct ca *ca, const struct ca_options *options, struct error *err)
{
	char name[160], above[160];
	int count = sk_X509_num(ca->chain);
	int r = 0;

	for (int i = 0; r == 0 && i < count; i++) {
		X509 *certificate = sk_X509_value(ca->chain, i);

		name_file(options, i, name, sizeof(name));
		if (X509_check_ca(certificate) != 1)
			return error_say(err, EINVAL, "%s is not a CA's", name);
		r = check_dates(certificate, name, err);
		if (r < 0 || i + 1 == count)
			return r;
		name_file(options, i + 1, above, sizeof(above));
		if (!has_issued(sk_X509_value(ca->chain, i + 1), certificate,
				options->key_uri == NULL))
			return error_say(err, EINVAL, "%s was not signed by %s", name, above);
	}
	return r;
}

static int load_elsewhere(const struct ca_options *options, struct ca *ca, struct error *err)
{
	int r;

	if (options->chain_file == NULL)
		return error_say(err, EINVAL, "a CA key needs the CA's certificate as well");
	r = key_store_load_certificates(options->chain_file, &ca->chain, err);
	if (r == 0)
		r = key_store_load(options->key_uri, options->password, &ca->key, err);
	if (r < 0)
		return r;
	r = check_pair(ca, err);
	return r < 0 ? error_prefix(err, r, "%.120s", options->key_uri) : 0;
}

static int load_local(const struct ca_options *options, bool may_make, struct ca *ca,
		      struct error *err)
{
	const struct ca_dir_options dir = {
		.path = ca_path(options),
		.key_type = options->key_type != KEY_NONE ? options->key_type : KEY_P384,
		.name = options->name != NULL ? options->name : CA_DEFAULT_NAME,
		.may_make = may_make,
	};
	int r = ca_dir_load(&dir, &ca->key, &ca->chain, err);

	if (r == 0)
		r = check_pair(ca, err);
	return r < 0 ? error_prefix(err, r, "CA %s", dir.path) : 0;
}

static int load(const struct ca_options *options, bool may_make, struct ca *ca, struct error *err)
{
	int r;

	if (options->key_uri != NULL)
		r = load_elsewhere(options, ca, err);
	else
		r = load_local(options, may_make, ca, err);
	return r == 0 && may_make ? check_chain(ca, options, err) : r;
}

static int open_ca(const struct ca_options *options, bool may_make, struct ca **ret,
		   struct error *err)
{
	cleanup_with(ca_closep) struct ca *ca = calloc(1, sizeof(*ca));
	int r;

	if (ca == NULL)
		return error_set(err, ENOMEM, "open the CA");
	ca->urls = options->urls;
	ca->command = options->command;
	ca->timeout_ms = options->timeout_ms;
	r = ca->command != NULL ? 0 : load(options, may_make, ca, err);
	if (r == 0)
		*ret = take_ptr(ca);
	return r;
}

int ca_open(const struct ca_options *options, struct ca **ret, struct error *err)
{
	return open_ca(options, true, ret, err);
}

int ca_open_existing(const struct ca_options *options, struct ca **ret, struct error *err)
{
	return open_ca(options, false, ret, err);
}

int ca_issue(const struct ca *ca, const struct certificate_request *request, X509 **ret,
	     struct error *err)
{
	struct x509_signer signer;

	if (ca->command != NULL)
		return external_ca_issue(ca->command, ca->timeout_ms, request, ret, err);
	signer = (struct x509_signer){ sk_X509_value(ca->chain, 0), ca->key };
	return tpm_certificate_issue(request, &signer, &ca->urls, ret, err);
}

const STACK_OF(X509) * ca_chain(const struct ca *ca)
{
	return ca->chain;
}
