/* SPDX-License-Identifier: BSD-3-Clause */
/* Identifies a TPM: by a certificate that somebody trusted vouches for, and a key for quotes. */
#ifndef VTPM_VERIFY_IDENTITY_H
#define VTPM_VERIFY_IDENTITY_H

#include "verify/quote/attestation_key.h"
#include "verify/quote/ek_certificate.h"
#include "verify/vtpm_verify.h"

/* The most bytes of an input that is not a log or a policy. */
#define CERTIFICATES_BYTES_MOST (1 << 20)
#define STRUCTURE_BYTES_MOST 4096
#define TEXT_BYTES_MOST (8 << 20)

struct identity {
	STACK_OF(X509) * roots, *intermediates;
	X509 *certificate;
	char fingerprint[65]; /* of the certificate */
	struct ek_subject subject;
	struct attestation_key ak;
	char ak_name[2 * TPM_NAME_MOST + 1];
};

/*
 * Called in this order: the trusted roots, the EK's certificate, the AK. A negative errno rejects
 * that part.
 */
int identity_read_trust(const struct vtpm_verify_bytes *roots,
			const struct vtpm_verify_bytes *intermediates, struct identity *ret,
			struct error *err);
int identity_read_ek(const struct vtpm_verify_bytes *ek, int64_t now, struct identity *ret,
		     struct error *err);
int identity_read_ak(const struct vtpm_verify_bytes *ak, struct identity *ret, struct error *err);
void identity_done(struct identity *identity);

/* -E2BIG: there are more than MOST bytes of WHAT; -ENODATA: there are none. */
int input_check(const struct vtpm_verify_bytes *input, size_t most, const char *what,
		struct error *err);

#endif
