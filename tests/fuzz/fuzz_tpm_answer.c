/* SPDX-License-Identifier: BSD-3-Clause */
/* What a TPM answers to those who make one: public areas, NV, PCRs, attributes. */
#include <stdlib.h>

#include "tpm/exchange.h"
#include "certs/factory/nv.h"
#include "certs/factory/pcr_banks.h"
#include "certs/x509/public.h"
#include "certs/factory/commands_12.h"
#include "certs/factory/job.h"
#include "tests/unit/canned_tpm.h"
#include "tpm/tcg.h"
#include "util/bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_within(const uint8_t *part, size_t len, const uint8_t *data, size_t size)
{
	if (part < data || len > size || (size_t)(part - data) > size - len)
		abort();
}

static void public_area(const uint8_t *data, size_t size)
{
	struct tpm_public public;
	EVP_PKEY *key = NULL;

	if (tpm_public_parse(data, size, &public) < 0)
		return;
	check_within(public.unique, public.unique_len, data, size);
	if (public.algorithm == TPM2_ALG_ECC)
		check_within(public.y, public.y_len, data, size);
	else if (public.unique_len * 8 != public.bits)
		abort();
	if (tpm_public_to_pkey(&public, &key, NULL) == 0 && EVP_PKEY_get_bits(key) <= 0)
		abort();
	EVP_PKEY_free(key);
}

static void banks(const struct tpm_executor *executor)
{
	struct pcr_banks all, active;

	if (pcr_banks_get(executor, false, &all, NULL) < 0 ||
	    pcr_banks_get(executor, true, &active, NULL) < 0)
		return;
	if (all.count > PCR_BANKS_MAX || active.count > all.count)
		abort();
}

static void index_of_nv(const struct tpm_executor *executor)
{
	uint32_t attributes;
	size_t len = 0;

	if (nv_read_public(executor, 0x01c00002, &attributes, &len, NULL) == 0 &&
	    len > TPM_NV_INDEX_MAX)
		abort();
}

/* What the first byte says is read from the rest: a structure, or a TPM's answer to anything. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct canned_tpm tpm = { 0 };
	struct tpm_executor executor = canned_tpm_executor(&tpm);
	struct tpm_attributes attributes;
	EVP_PKEY *key = NULL;

	if (size < 1 || size - 1 > TPM_COMMAND_MAX - TPM_HEADER_SIZE)
		return 0;
	tpm.len = size - 1 + TPM_HEADER_SIZE;
	put_be32(tpm.answer + 2, (uint32_t)tpm.len);
	memcpy(tpm.answer + TPM_HEADER_SIZE, data + 1, size - 1);
	if (data[0] == 0)
		public_area(data + 1, size - 1);
	if (data[0] == 1 && tpm12_parse_pubkey(data + 1, size - 1, &key, NULL) == 0)
		EVP_PKEY_free(key);
	if (data[0] == 2)
		banks(&executor);
	if (data[0] == 3)
		index_of_nv(&executor);
	if (data[0] == 4)
		(void)tpm_attributes_get(&executor, TPM_VERSION_1_2, &attributes, NULL);
	return 0;
}
