/* SPDX-License-Identifier: BSD-3-Clause */
#include "certs/ca.h"

#include <errno.h>

#include "certs/ca_dir.h"
#include "certs/key_store.h"
#include "util/error.h"

struct ca {
	EVP_PKEY *key;
	STACK_OF(X509) * chain;
	struct certificate_urls urls;
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
	if (X509_check_ca(certificate) == 0)
		return error_say(err, EINVAL, "the CA's certificate is not one of a CA");
	return 0;
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
		.path = options->dir != NULL ? options->dir : CA_DEFAULT_DIR,
		.key_type = options->key_type != KEY_NONE ? options->key_type : KEY_P384,
		.name = options->name != NULL ? options->name : CA_DEFAULT_NAME,
		.may_make = may_make,
	};
	int r = ca_dir_load(&dir, &ca->key, &ca->chain, err);

	if (r == 0)
		r = check_pair(ca, err);
	return r < 0 ? error_prefix(err, r, "CA %s", dir.path) : 0;
}

static int open_ca(const struct ca_options *options, bool may_make, struct ca **ret,
		   struct error *err)
{
	cleanup_with(ca_closep) struct ca *ca = calloc(1, sizeof(*ca));
	int r;

	if (ca == NULL)
		return error_set(err, ENOMEM, "open the CA");
	ca->urls = options->urls;
	if (options->key_uri != NULL)
		r = load_elsewhere(options, ca, err);
	else
		r = load_local(options, may_make, ca, err);
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

static int issue(void *context, const struct certificate_request *request, X509 **ret,
		 struct error *err)
{
	struct ca *ca = context;
	const struct x509_signer signer = { sk_X509_value(ca->chain, 0), ca->key };

	return tpm_certificate_issue(request, &signer, &ca->urls, ret, err);
}

struct issuer ca_issuer(struct ca *ca)
{
	return (struct issuer){ .issue = issue, .context = ca };
}

const STACK_OF(X509) * ca_chain(const struct ca *ca)
{
	return ca->chain;
}
