/* SPDX-License-Identifier: BSD-3-Clause */
#include "certs/factory/job.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "certs/ca/external.h"
#include "certs/factory/attributes.h"
#include "certs/factory/tpm12.h"
#include "tpm/blobs.h"
#include "util/error.h"

void manufacture_defaults(struct manufacture_options *options)
{
	*options = (struct manufacture_options){
		.version = TPM_VERSION_2,
		.eks = { KEY_RSA_2048, KEY_P384, KEY_NONE },
		.ek_certificates = true,
		.platform_certificate = true,
	};
}

void factory_step(const struct factory *factory, const char *format, ...)
{
	const struct manufacture_options *options = factory->options;
	char text[128];
	va_list args;

	if (options->progress == NULL)
		return;
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	options->progress(options->progress_context, text);
}

X509 *factory_ek_certificate(const struct factory *factory)
{
	const struct manufacture_result *result = factory->result;

	for (size_t i = 0; i < result->certificates_count; i++) {
		if (result->certificates[i].kind == CERTIFICATE_EK)
			return result->certificates[i].certificate;
	}
	return NULL;
}

static const char *or_default(const char *value, const char *otherwise)
{
	return value != NULL ? value : otherwise;
}

static struct certificate_request make_request(const struct factory *factory,
					       enum certificate_kind kind, const EVP_PKEY *key)
{
	const struct manufacture_options *options = factory->options;
	const bool identity = kind == CERTIFICATE_IAK || kind == CERTIFICATE_IDEVID;

	return (struct certificate_request){
		.kind = kind,
		.key = key,
		.signs = identity || options->ek_may_sign,
		.decrypts = !identity && (!options->ek_may_sign || options->ek_may_decrypt),
		.subject = or_default(options->subject, "unknown"),
		.tpm = &factory->result->tpm,
		.tpm_model = or_default(options->tpm_model, "swtpm"),
		.platform_manufacturer = or_default(options->platform_manufacturer, PACKAGE_NAME),
		.platform_model = or_default(options->platform_model, PACKAGE_NAME),
		.platform_version = or_default(options->platform_version, PACKAGE_VERSION),
		.ek_certificate = factory_ek_certificate(factory),
	};
}

int factory_certify(struct factory *factory, enum certificate_kind kind, enum key_type type,
		    const EVP_PKEY *key, uint32_t index, uint8_t **der, size_t *len,
		    struct error *err)
{
	const struct certificate_request request = make_request(factory, kind, key);
	struct manufacture_result *result = factory->result;
	struct made_certificate made = { .kind = kind, .type = type, .index = index };
	int r;

	factory_step(factory, "issuing %s certificate for NV index 0x%08x",
		     certificate_kind_name(kind), index);
	r = factory->issuer.issue(factory->issuer.context, &request, &made.certificate, err);
	if (r < 0)
		return r;
	result->certificates[result->certificates_count++] = made;
	return x509_to_der(made.certificate, der, len, err);
}

static bool wants_certificates(const struct manufacture_options *options)
{
	return options->ek_certificates || options->platform_certificate;
}

static bool is_id(const char *text)
{
	return strncmp(text, "id:", 3) == 0 && strlen(text) == 11 &&
	       strspn(text + 3, "0123456789ABCDEFabcdef") == 8;
}

/* What no TPM can be. */
static int check_options(const struct manufacture_options *options, struct error *err)
{
	const bool identity = options->iak != KEY_NONE || options->idevid != KEY_NONE;

	if (options->version == TPM_VERSION_1_2 &&
	    (identity || options->srk != KEY_NONE || options->ek_may_sign ||
	     options->banks.count > 0))
		return error_say(err, EINVAL,
				 "a TPM 1.2 has no PCR banks, SRK, IAK, IDevID or signing EK");
	if (options->version == TPM_VERSION_2 && wants_certificates(options) &&
	    options->eks[0] == KEY_NONE)
		return error_say(err, EINVAL, "certificates need an endorsement key");
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

static int identify(struct factory *factory, struct error *err)
{
	const struct manufacture_options *options = factory->options;
	struct tpm_attributes *attributes = &factory->result->tpm;
	int r = tpm_attributes_get(&factory->executor, options->version, attributes, err);

	if (r == 0 && options->tpm_manufacturer != NULL)
		strcpy(attributes->manufacturer, options->tpm_manufacturer); /* 11 characters */
	return r;
}

/* Started up; a TPM 1.2 becomes active with the start that follows its activation. */
static int start(struct factory *factory, const struct tpm_storage *storage, struct tpm **tpm,
		 struct error *err)
{
	int r = tpm_start(factory->options->version, storage, tpm, err);

	if (r == 0)
		r = tpm_startup(*tpm, err);
	if (r == 0)
		factory->executor = tpm_executor_local(*tpm);
	return r;
}

static int make_2(struct factory *factory, const struct tpm_storage *storage, struct error *err)
{
	cleanup_with(tpm_stopp) struct tpm *tpm = NULL;
	int r;

	factory_step(factory, "making a new TPM 2.0");
	r = start(factory, storage, &tpm, err);
	if (r == 0)
		r = factory_check_2(factory, err);
	if (r == 0)
		r = identify(factory, err);
	if (r == 0)
		r = factory_make_2(factory, err);
	if (r == 0)
		r = tpm_shutdown(tpm, err);
	return r;
}

static int make_12(struct factory *factory, const struct tpm_storage *storage, struct error *err)
{
	cleanup_with(tpm_stopp) struct tpm *tpm = NULL;
	int r;

	factory_step(factory, "making a new TPM 1.2, enabled and activated");
	r = start(factory, storage, &tpm, err);
	if (r == 0)
		r = tpm12_activate(&factory->executor, err);
	tpm_stop(take_ptr(tpm));
	if (r == 0)
		r = start(factory, storage, &tpm, err);
	if (r == 0)
		r = identify(factory, err);
	if (r == 0)
		r = factory_make_12(factory, err);
	return r;
}

static int make(struct factory *factory, const struct tpm_storage *target, struct error *err)
{
	cleanup_with(tpm_blobs_done) struct tpm_blobs blobs = { 0 };
	const struct tpm_storage storage = tpm_blobs_storage(&blobs);
	int r;

	if (factory->options->version == TPM_VERSION_2)
		r = make_2(factory, &storage, err);
	else
		r = make_12(factory, &storage, err);
	if (r < 0)
		return r;
	factory_step(factory, "storing the state");
	r = target->replace(target->context, blobs.of[BLOB_PERMANENT].data,
			    blobs.of[BLOB_PERMANENT].len);
	factory->result->made = r == 0;
	return r < 0 ? error_set(err, -r, "store the new TPM's state") : 0;
}

/* With certificates to make, the CA comes first: what is wrong with it shows at once. */
static int make_with_issuer(struct factory *factory, const struct tpm_storage *storage,
			    struct error *err)
{
	const struct manufacture_options *options = factory->options;
	cleanup_with(ca_closep) struct ca *ca = NULL;
	struct external_ca command = { .program = options->ca_command,
				       .timeout_ms = options->ca_timeout_ms };
	int r = 0;

	if (options->ca_command != NULL) {
		factory->issuer = external_ca_issuer(&command);
	} else if (wants_certificates(options)) {
		factory_step(factory, "opening the CA");
		r = ca_open(&options->ca, &ca, err);
		if (r == 0)
			factory->issuer = ca_issuer(ca);
	}
	if (r == 0)
		r = make(factory, storage, err);
	if (r == 0 && options->certificate_dir != NULL)
		r = factory_write_files(factory, err);
	return r;
}

/* 0: there is none; 1: there is one, and it is kept. */
static int look_for_existing(const struct manufacture_options *options,
			     const struct tpm_storage *storage, struct error *err)
{
	uint8_t *data = NULL;
	size_t len = 0;
	int r = storage->load(storage->context, BLOB_PERMANENT, &data, &len);

	if (r == 0) {
		explicit_bzero(data, len);
		free(data);
	}
	if (r == -ENOENT || (r == 0 && options->existing == EXISTING_REPLACE))
		return 0;
	if (r < 0)
		return error_set(err, -r, "look for an existing TPM");
	if (options->existing == EXISTING_KEEP)
		return 1;
	return error_say(err, EEXIST, "there is a TPM already");
}

int manufacture(const struct manufacture_options *options, const struct tpm_storage *storage,
		struct manufacture_result *result, struct error *err)
{
	struct factory factory = { .options = options, .result = result };
	int r;

	r = check_options(options, err);
	if (r == 0)
		r = check_urls(options, err);
	if (r == 0)
		r = check_eks(options, err);
	if (r == 0)
		r = look_for_existing(options, storage, err);
	if (r < 0)
		return r;
	result->kept = r == 1;
	return result->kept ? 0 : make_with_issuer(&factory, storage, err);
}
