/* SPDX-License-Identifier: BSD-3-Clause */
/* Verifies the event "host-quote" of a launch, by which the host's own TPM vouches for it. */
#ifndef VTPM_VERIFY_HOST_H
#define VTPM_VERIFY_HOST_H

#include "verify/log/log.h"
#include "verify/quote/attest.h"
#include "verify/quote/attestation_key.h"
#include "verify/quote/pcr_values.h"

/* The guest that the host's TPM must vouch for. */
struct host_guest {
	EVP_PKEY *ek;         /* the key that the EK certificate is of; borrowed */
	uint32_t reset_count; /* as the TPM has quoted it */
};

/* The host, as its TPM has it. ATTEST borrows the event. */
struct host {
	bool vouches; /* there is such an event */
	struct attestation_key ak;
	char ak_name[2 * TPM_NAME_MOST + 1];
	struct attest attest;
	struct pcr_values pcrs;
};

/*
 * Looks for the event in LOG, the log of a launch. If there is one, it must be a quote for the TPM
 * of GUEST and this start of it, signed by a key that only signs quotes. The caller must check
 * whose key it is, and calls host_done() on RET in any case.
 */
int host_read(const struct cel_log *log, const struct host_guest *guest, struct host *ret,
	      struct error *err);
void host_done(struct host *host);

#endif
