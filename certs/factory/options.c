/* SPDX-License-Identifier: BSD-3-Clause */
#include "certs/factory/options.h"

#include <errno.h>
#include <string.h>

#include "certs/x509/certificate.h"
#include "util/error.h"

void manufacture_defaults(struct manufacture_options *options)
{
	options->version = TPM_VERSION_2;
	options->eks[0] = KEY_RSA_2048;
	options->eks[1] = KEY_P384;
	options->ek_certificates = options->platform_certificate = true;
}

bool manufacture_wants_certificates(const struct manufacture_options *options)
{
	return options->ek_certificates || options->platform_certificate;
}

static bool is_id(const char *text)
{
	return strncmp(text, "id:", 3) == 0 && strlen(text) == 11 &&
	       strspn(text + 3, "0123456789ABCDEFabcdef") == 8;
}

/* Refuses combinations that no TPM can have. */
static int check_keys(const struct manufacture_options *options, struct error *err)
{
	const bool identity = options->iak != KEY_NONE || options->idevid != KEY_NONE;

	if (options->version == TPM_VERSION_1_2 &&
	    (identity || options->srk != KEY_NONE || options->ek_may_sign ||
	     options->banks.count > 0))
		return error_say(err, EINVAL,
				 "a TPM 1.2 has no PCR banks, SRK, IAK, IDevID or signing EK");
	if (options->version == TPM_VERSION_2 && manufacture_wants_certificates(options) &&
	    options->eks[0] == KEY_NONE)
		return error_say(
			err, EINVAL,
			"certificates need an endorsement key: with --ek none, --certs none");
	if (identity && (!options->ek_certificates || options->eks[0] == KEY_NONE))
		return error_say(err, EINVAL, "IAK and IDevID need an EK certificate");
	if (options->ek_may_decrypt && !options->ek_may_sign)
		return error_say(err, EINVAL, "an EK decrypts anyway unless it may sign");
	if (options->tpm_manufacturer != NULL && !is_id(options->tpm_manufacturer))
		return error_say(err, EINVAL,
				 "--tpm-manufacturer: '%.32s' is not 'id:' and 8 hex digits",
				 options->tpm_manufacturer);
	return 0;
}

static int check_urls(const struct manufacture_options *options, struct error *err)
{
	const struct certificate_urls *urls = &options->ca.urls;
	int r = 0;

	if (urls->crl != NULL)
		r = x509_check_url("--crl-url", urls->crl, err);
	if (r == 0 && urls->issuer != NULL)
		r = x509_check_url("--issuer-url", urls->issuer, err);
	return r;
}

static int check_eks(const struct manufacture_options *options, struct error *err)
{
	for (size_t i = 0; options->eks[i] != KEY_NONE; i++) {
		for (size_t j = 0; j < i; j++) {
			if (options->eks[i] == options->eks[j])
				return error_say(err, EINVAL, "two endorsement keys of type %s",
						 key_type_info(options->eks[i])->name);
		}
	}
	return 0;
}

int manufacture_options_check(const struct manufacture_options *options, struct error *err)
{
	int r = check_keys(options, err);

	if (r == 0)
		r = check_urls(options, err);
	return r == 0 ? check_eks(options, err) : r;
}
