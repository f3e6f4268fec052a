/* SPDX-License-Identifier: BSD-3-Clause */
/* Making a TPM 1.2: its endorsement key, certificates, NV lock. */
#include "certs/factory/job.h"

#include "certs/factory/commands_12.h"

static int certify(struct job *job, enum certificate_kind kind, const EVP_PKEY *key, uint32_t index,
		   struct error *err)
{
	cleanup_with(openssl_freep) uint8_t *der = NULL;
	size_t len;
	int r;

	r = job_certify(job, kind, KEY_RSA_2048, key, index, &der, &len, err);
	if (r == 0)
		r = tpm12_write_certificate(&job->executor, index, der, len, err);
	return r;
}

int make_12(struct job *job, struct error *err)
{
	const struct manufacture_options *options = job->options;
	struct manufacture_result *result = job->result;
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *key = NULL;
	int r;

	job_step(job, "making endorsement key rsa2048");
	r = tpm12_make_ek(&job->executor, &key, err);
	if (r < 0)
		return r;
	result->keys[result->keys_count++] =
		(struct made_key){ .role = ROLE_EK, .type = KEY_RSA_2048 };
	if (options->ek_certificates)
		r = certify(job, CERTIFICATE_EK, key, TPM12_NV_EK_CERTIFICATE, err);
	if (r == 0 && options->platform_certificate)
		r = certify(job, CERTIFICATE_PLATFORM, key, TPM12_NV_PLATFORM_CERTIFICATE, err);
	if (r == 0 && options->lock_nvram) {
		job_step(job, "locking NV");
		r = tpm12_lock_nv(&job->executor, err);
		result->nvram_locked = r == 0;
	}
	return r;
}
