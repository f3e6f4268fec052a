/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The certificates that a TPM 2.0 keeps in its NV indices.
 */
#include "certs/setup/setup.h"

#include <errno.h>

#include "tpm/exchange.h"
#include "certs/factory/nv.h"
#include "certs/x509/openssl.h"
#include "tpm/tcg.h"
#include "tpm/tpm.h"
#include "util/error.h"

/* TCG EK Credential Profile, 2.2.1.4: where certificates are. */
#define FIRST_INDEX 0x01c00002
#define LAST_INDEX 0x01c9ffff
#define INDICES_MAX 64

static int list_indices(const struct tpm_executor *executor, uint32_t *indices, size_t *count,
			struct error *err)
{
	struct tpm_answer answer;
	uint32_t n;
	int r;

	r = tpm_get_capability(executor, TPM2_CAP_HANDLES, FIRST_INDEX, INDICES_MAX, &answer, err);
	if (r < 0)
		return r;
	n = tpm_get_u32(&answer.body);
	*count = 0;
	for (uint32_t i = 0; i < n && i < INDICES_MAX; i++) {
		uint32_t index = tpm_get_u32(&answer.body);

		if (index >= FIRST_INDEX && index <= LAST_INDEX)
			indices[(*count)++] = index;
	}
	return answer.body.truncated ? tpm_answer_malformed("list the NV indices", err) : 0;
}

/* 0 also for an index that holds something else. */
static int add_certificate(const struct tpm_executor *executor, uint32_t index, json_t *list)
{
	cleanup_with(X509_freep) X509 *certificate = NULL;
	uint8_t data[TPM_NV_INDEX_MAX];
	const uint8_t *p = data;
	char hex[16], *issuer;
	json_t *entry;
	size_t len;

	if (nv_read(executor, index, data, &len, NULL) < 0)
		return 0;
	certificate = d2i_X509(NULL, &p, (long)len);
	if (certificate == NULL)
		return 0;
	issuer = X509_NAME_oneline(X509_get_issuer_name(certificate), NULL, 0);
	(void)snprintf(hex, sizeof(hex), "0x%08x", index);
	entry = json_pack("{s:s, s:s}", "index", hex, "issuer", issuer != NULL ? issuer : "");
	OPENSSL_free(issuer);
	return json_array_append_new(list, entry) < 0 ? -ENOMEM : 0;
}

static int add_all(const struct tpm_executor *executor, json_t *list, struct error *err)
{
	uint32_t indices[INDICES_MAX];
	size_t count;
	int r;

	r = list_indices(executor, indices, &count, err);
	for (size_t i = 0; i < count && r == 0; i++)
		r = add_certificate(executor, indices[i], list);
	return r;
}

int setup_list_certificates(struct tpm_blobs *blobs, json_t *out, struct error *err)
{
	struct tpm_storage storage = tpm_blobs_storage(blobs);
	cleanup_with(tpm_stopp) struct tpm *tpm = NULL;
	json_auto_t *list = json_array();
	struct tpm_executor executor;
	int r;

	r = tpm_start(TPM_VERSION_2, &storage, &tpm, err);
	if (r == 0)
		r = tpm_startup(tpm, err);
	if (r < 0)
		return r;
	executor = tpm_executor_local(tpm);
	r = add_all(&executor, list, err);
	return r < 0 ? r : json_object_set(out, "certificates", list);
}
