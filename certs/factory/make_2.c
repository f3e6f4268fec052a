/* SPDX-License-Identifier: BSD-3-Clause */
/* Making a TPM 2.0: PCR banks, keys, certificates. */
#include "certs/factory/job.h"

#include <errno.h>

#include "certs/factory/nv.h"
#include "certs/factory/object.h"
#include "util/error.h"

/* TCG's "Registry of Reserved TPM 2.0 Handles". */
#define HANDLE_SRK 0x81000001
#define HANDLE_IDEVID 0x81020000
#define HANDLE_IAK 0x81020001

static struct key_template ek_template(const struct job *job, enum key_type type)
{
	return (struct key_template){ .role = ROLE_EK,
				      .type = type,
				      .may_sign = job->options->ek_may_sign,
				      .may_decrypt = job->options->ek_may_decrypt };
}

static int check_key(const struct job *job, enum key_role role, enum key_type type,
		     struct error *err)
{
	const struct key_template template = { .role = role, .type = type };

	return type == KEY_NONE ? 0 : object_is_supported(&job->executor, &template, err);
}

int make_2_check(const struct job *job, struct error *err)
{
	const struct manufacture_options *options = job->options;
	int r = 0;

	for (const enum key_type *ek = options->eks; r == 0 && *ek != KEY_NONE; ek++)
		r = check_key(job, ROLE_EK, *ek, err);
	if (r == 0)
		r = check_key(job, ROLE_SRK, options->srk, err);
	if (r == 0)
		r = check_key(job, ROLE_IAK, options->iak, err);
	if (r == 0)
		r = check_key(job, ROLE_IDEVID, options->idevid, err);
	return r;
}

static int make_key(struct job *job, const struct key_template *template, uint32_t handle,
		    EVP_PKEY **ret, struct error *err)
{
	static const char *const names[] = { [ROLE_EK] = "endorsement key",
					     [ROLE_SRK] = "storage root key",
					     [ROLE_IAK] = "initial attestation key",
					     [ROLE_IDEVID] = "initial device identity" };
	struct manufacture_result *result = job->result;
	int r;

	job_step(job, "making %s %s at 0x%08x", names[template->role],
		 key_type_info(template->type)->name, handle);
	r = object_make(&job->executor, template, handle, ret, err);
	if (r < 0)
		return r;
	result->keys[result->keys_count++] = (struct made_key){ .role = template->role,
								.type = template->type,
								.handle = handle };
	return 0;
}

/*
 * An empty nonce changes nothing of the template, which has its zeros already; but tools that look
 * for a template in the low range want both indices.
 */
static int write_nonce(struct job *job, uint32_t index, struct error *err)
{
	if (index == 0)
		return 0;
	return nv_make(&job->executor, index, "", 0, job->options->lock_nvram, err);
}

/* Stores the template: this EK cannot be made again by TCG's well-known one. */
static int write_template(struct job *job, const struct key_template *template, struct error *err)
{
	const struct key_type_info *info = key_type_info(template->type);
	struct manufacture_result *result = job->result;
	uint8_t bytes[TEMPLATE_MAX];
	size_t len;
	int r;

	if (!key_template_is_special(template))
		return 0;
	len = key_template_write(template, bytes);
	job_step(job, "writing its template to NV index 0x%08x", info->ek_template);
	result->keys[result->keys_count - 1].template_index = info->ek_template;
	r = nv_make(&job->executor, info->ek_template, bytes, len, job->options->lock_nvram, err);
	return r == 0 ? write_nonce(job, info->ek_nonce, err) : r;
}

static int certify(struct job *job, enum certificate_kind kind, enum key_type type,
		   const EVP_PKEY *key, uint32_t index, struct error *err)
{
	cleanup_with(openssl_freep) uint8_t *der = NULL;
	size_t len;
	int r;

	r = job_certify(job, kind, type, key, index, &der, &len, err);
	if (r == 0)
		r = nv_make(&job->executor, index, der, len, job->options->lock_nvram, err);
	return r;
}

static int make_ek(struct job *job, enum key_type type, bool first, struct error *err)
{
	const struct manufacture_options *options = job->options;
	const struct key_type_info *info = key_type_info(type);
	const struct key_template template = ek_template(job, type);
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *key = NULL;
	int r;

	r = make_key(job, &template, info->ek_handle, &key, err);
	if (r == 0)
		r = write_template(job, &template, err);
	if (r == 0 && options->ek_certificates)
		r = certify(job, CERTIFICATE_EK, type, key, info->ek_certificate, err);
	/* One platform, one certificate, and it refers to the first EK. */
	if (r == 0 && options->platform_certificate && first)
		r = certify(job, CERTIFICATE_PLATFORM, type, key, NV_PLATFORM_CERTIFICATE, err);
	return r;
}

static int make_srk(struct job *job, struct error *err)
{
	const struct key_template template = { .role = ROLE_SRK, .type = job->options->srk };
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *key = NULL;

	if (template.type == KEY_NONE)
		return 0;
	return make_key(job, &template, HANDLE_SRK, &key, err);
}

static int make_identity(struct job *job, enum key_role role, struct error *err)
{
	const bool iak = role == ROLE_IAK;
	const struct key_template template = { .role = role,
					       .type = iak ? job->options->iak
							   : job->options->idevid };
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *key = NULL;
	int r;

	if (template.type == KEY_NONE)
		return 0;
	r = make_key(job, &template, iak ? HANDLE_IAK : HANDLE_IDEVID, &key, err);
	if (r < 0)
		return r;
	return certify(job, iak ? CERTIFICATE_IAK : CERTIFICATE_IDEVID, template.type, key,
		       iak ? NV_IAK_CERTIFICATE : NV_IDEVID_CERTIFICATE, err);
}

static int set_banks(struct job *job, struct error *err)
{
	const struct manufacture_options *options = job->options;
	struct pcr_banks *banks = &job->result->banks;

	if (options->leave_pcr_banks)
		return pcr_banks_get(&job->executor, true, banks, err);
	*banks = options->banks;
	if (banks->count == 0)
		(void)pcr_banks_parse("sha256", banks, NULL);
	job_step(job, "choosing PCR banks");
	return pcr_banks_set(&job->executor, banks, err);
}

int make_2(struct job *job, struct error *err)
{
	const struct manufacture_options *options = job->options;
	int r;

	r = set_banks(job, err);
	if (r == 0)
		r = make_srk(job, err);
	for (size_t i = 0; r == 0 && options->eks[i] != KEY_NONE; i++)
		r = make_ek(job, options->eks[i], i == 0, err);
	if (r == 0)
		r = make_identity(job, ROLE_IAK, err);
	if (r == 0)
		r = make_identity(job, ROLE_IDEVID, err);
	job->result->nvram_locked = options->lock_nvram;
	return r;
}
