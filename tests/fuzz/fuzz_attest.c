/* SPDX-License-Identifier: BSD-3-Clause */
/* A quote, its signature and its registers' values: what was accepted is all of the bytes. */
#include <stdlib.h>

#include "util/bytes.h"
#include "verify/quote/attest.h"
#include "verify/quote/pcr_values.h"
#include "verify/quote/signature.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_values(const struct attest *attest, const uint8_t *data, size_t size)
{
	struct pcr_values values;

	pcr_values_begin(attest->selections, attest->selection_count, &values);
	if (values.count > PCR_VALUES_MOST)
		abort();
	for (size_t i = 0; i < values.count; i++) {
		if (!attest_covers(attest, values.values[i].bank, values.values[i].pcr))
			abort();
	}
	if (pcr_values_read(&values, data, size, NULL) < 0)
		return;
	for (size_t i = 0; i < values.count; i++) {
		if (!values.values[i].known)
			abort();
	}
	(void)pcr_values_check(&values, bank_find(0x000b), attest->pcr_digest,
			       attest->pcr_digest_len, NULL);
}

static void check_signature(const uint8_t *data, size_t size)
{
	struct tpm_signature signature;

	if (tpm_signature_parse(data, size, &signature, NULL) == 0 &&
	    4 + 2 + signature.r_len + (signature.s != NULL ? 2 + signature.s_len : 0) != size)
		abort();
}

/* Two bytes say how long the quote is; the rest are the values. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct attest attest;
	size_t len;

	check_signature(data, size);
	if (size < 2 || get_be16(data) > size - 2)
		return 0;
	len = get_be16(data);
	if (attest_parse(data + 2, len, &attest, NULL) == 0)
		check_values(&attest, data + 2 + len, size - 2 - len);
	return 0;
}
