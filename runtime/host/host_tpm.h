/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The host's own TPM, which vouches for a launch by a quote of its registers.
 */
#ifndef VTPM_RUNTIME_HOST_HOST_TPM_H
#define VTPM_RUNTIME_HOST_HOST_TPM_H

#include "runtime/config/vouching.h"
#include "verify/log/host_quote.h"

/*
 * Adds the key, the quote with NONCE, its signature and the registers' values to RET. Waits as long
 * as the TPM lets it wait. Leaves nothing in the TPM.
 */
int host_tpm_quote(const struct vouching *vouching, const uint8_t nonce[static HOST_QUOTE_NONCE],
		   struct host_quote_parts *ret, struct error *err);

/* As host_tpm_quote(), of a TPM that commands reach by EXECUTOR. */
struct tpm_executor;
int host_tpm_quote_by(const struct vouching *vouching, const struct tpm_executor *executor,
		      const uint8_t nonce[static HOST_QUOTE_NONCE], struct host_quote_parts *ret,
		      struct error *err);

#endif
