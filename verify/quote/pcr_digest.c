/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether registers' values are what was quoted: pcr_values_check(), which needs OpenSSL. */
#include <errno.h>
#include <string.h>

#include "util/error.h"
#include "verify/quote/pcr_values.h"

int pcr_values_check(const struct pcr_values *values, const struct bank *hash,
		     const uint8_t *expected, size_t len, struct error *err)
{
	uint8_t all[PCR_VALUES_MOST * BANK_DIGEST_MOST], digest[BANK_DIGEST_MOST];
	int r;

	for (size_t i = 0; i < values->count; i++) {
		const struct pcr_value *value = &values->values[i];

		if (!value->known)
			return error_say(err, EBADMSG,
					 "nothing says what register %u of %s is, which the quote "
					 "is of",
					 value->pcr, value->bank->name);
	}
	r = bank_hash(hash, all, pcr_values_join(values, all), digest, err);
	if (r < 0)
		return r;
	if (len != hash->size || memcmp(digest, expected, len) != 0)
		return error_say(err, EBADMSG, "the registers are not what was quoted");
	return 0;
}
