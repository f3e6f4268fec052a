/* SPDX-License-Identifier: BSD-3-Clause */
#include "certs/factory/job.h"

#include <stdarg.h>
#include <stdio.h>

#include "util/error.h"

void job_step(const struct job *job, const char *format, ...)
{
	const struct manufacture_options *options = job->options;
	char text[128];
	va_list args;

	if (options->progress == NULL)
		return;
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	options->progress(options->progress_context, text);
}

static X509 *ek_certificate(const struct job *job)
{
	const struct manufacture_result *result = job->result;

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

static struct certificate_request make_request(const struct job *job, enum certificate_kind kind,
					       const EVP_PKEY *key)
{
	const struct manufacture_options *options = job->options;
	const bool identity = kind == CERTIFICATE_IAK || kind == CERTIFICATE_IDEVID;

	return (struct certificate_request){
		.kind = kind,
		.key = key,
		.signs = identity || options->ek_may_sign,
		.decrypts = !identity && (!options->ek_may_sign || options->ek_may_decrypt),
		.subject = or_default(options->subject, "unknown"),
		.tpm = &job->result->tpm,
		.tpm_model = or_default(options->tpm_model, "swtpm"),
		.platform_manufacturer = or_default(options->platform_manufacturer, PACKAGE_NAME),
		.platform_model = or_default(options->platform_model, PACKAGE_NAME),
		.platform_version = or_default(options->platform_version, PACKAGE_VERSION),
		.ek_certificate = ek_certificate(job),
	};
}

int job_certify(struct job *job, enum certificate_kind kind, enum key_type type,
		const EVP_PKEY *key, uint32_t index, uint8_t **der, size_t *len, struct error *err)
{
	const struct certificate_request request = make_request(job, kind, key);
	struct manufacture_result *result = job->result;
	struct made_certificate made = { .kind = kind, .type = type, .index = index };
	int r;

	job_step(job, "issuing %s certificate for NV index 0x%08x", certificate_kind_name(kind),
		 index);
	r = ca_issue(job->ca, &request, &made.certificate, err);
	if (r < 0)
		return r;
	result->certificates[result->certificates_count++] = made;
	return x509_to_der(made.certificate, der, len, err);
}
