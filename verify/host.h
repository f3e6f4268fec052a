/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the host's own TPM says, by the event "host-quote" of a launch.
 */
#ifndef VTPM_VERIFY_HOST_H
#define VTPM_VERIFY_HOST_H

#include "verify/log/log.h"
#include "verify/quote/attest.h"
#include "verify/quote/attestation_key.h"
#include "verify/quote/pcr_values.h"

/* Whom it has to vouch for. */
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
 * Looks for the event in LOG, which says what a launch does. If there is one, it must be a quote
 * that a key which only signs quotes has signed, for the TPM of GUEST and this start of it. Whose
 * key it is remains to be asked. RET is for host_done() in any case.
 */
int host_read(const struct cel_log *log, const struct host_guest *guest, struct host *ret,
	      struct error *err);
void host_done(struct host *host);

#endif
