/* SPDX-License-Identifier: BSD-3-Clause */
#include "certs/factory/job.h"

#include "certs/factory/tpm12.h"

static int certify(struct factory *factory, enum certificate_kind kind, const EVP_PKEY *key,
		   uint32_t index, struct error *err)
{
	cleanup_free uint8_t *der = NULL;
	size_t len;
	int r;

	r = factory_certify(factory, kind, KEY_RSA_2048, key, index, &der, &len, err);
	if (r == 0)
		r = tpm12_write_certificate(&factory->executor, index, der, len, err);
	return r;
}

int factory_make_12(struct factory *factory, struct error *err)
{
	const struct manufacture_options *options = factory->options;
	struct manufacture_result *result = factory->result;
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *key = NULL;
	int r;

	factory_step(factory, "making endorsement key rsa2048");
	r = tpm12_make_ek(&factory->executor, &key, err);
	if (r < 0)
		return r;
	result->keys[result->keys_count++] =
		(struct made_key){ .role = ROLE_EK, .type = KEY_RSA_2048 };
	if (options->ek_certificates)
		r = certify(factory, CERTIFICATE_EK, key, TPM12_NV_EK_CERTIFICATE, err);
	if (r == 0 && options->platform_certificate)
		r = certify(factory, CERTIFICATE_PLATFORM, key, TPM12_NV_PLATFORM_CERTIFICATE, err);
	if (r == 0 && options->lock_nvram) {
		factory_step(factory, "locking NV");
		r = tpm12_lock_nv(&factory->executor, err);
		result->nvram_locked = r == 0;
	}
	return r;
}
