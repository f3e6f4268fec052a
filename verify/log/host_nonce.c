/* SPDX-License-Identifier: BSD-3-Clause */
/* What the host's TPM signs for: host_quote_nonce(). */
#include "util/bytes.h"
#include "verify/log/bank.h"
#include "verify/log/host_quote.h"

int host_quote_nonce(uint8_t *names, size_t len, uint32_t reset_count,
		     uint8_t nonce[static HOST_QUOTE_NONCE], struct error *err)
{
	put_be32(names + len, reset_count);
	return bank_hash(bank_by_name("sha256"), names, len + 4, nonce, err);
}
