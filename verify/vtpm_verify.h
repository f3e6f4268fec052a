/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * libvtpm-verify: whether a TPM is a real one, and what was measured in it. Runs where the verifier
 * is, needs no TPM, and keeps nothing. Thread-safe; every input may be anybody's bytes.
 *
 * 1. vtpm_verify_challenge() makes a challenge for the TPM of an EK certificate and its AK. The
 *    credential and the nonce go to the attester; KEPT stays with the verifier.
 * 2. The attester answers with the secret and a quote: "vtpm-verify answer", or any other client.
 * 3. vtpm_verify_quote() says yes, or no and why.
 */
#ifndef VTPM_VERIFY_H
#define VTPM_VERIFY_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The kinds of an answer, which are also the exit statuses of vtpm-verify(1). */
enum vtpm_verify_kind {
	VTPM_VERIFY_YES = 0,
	VTPM_VERIFY_FAILURE = 1,      /* no verdict: no memory, an input that is too large */
	VTPM_VERIFY_USAGE = 2,        /* no verdict: an input that is the verifier's own is wrong */
	VTPM_VERIFY_CERTIFICATE = 10, /* the EK certificate, or its chain */
	VTPM_VERIFY_KEY = 11,         /* the AK could sign other things than quotes */
	VTPM_VERIFY_BINDING = 12,     /* nothing says that the AK is in the TPM of the EK */
	VTPM_VERIFY_SIGNATURE = 13,
	VTPM_VERIFY_NONCE = 14,  /* what was signed is no quote, or an old one */
	VTPM_VERIFY_CLOCK = 15,  /* the TPM was reset, or put back, since the earlier report */
	VTPM_VERIFY_PCRS = 16,   /* log or values lead to other registers */
	VTPM_VERIFY_LAUNCH = 17, /* the log has what no launcher says */
	VTPM_VERIFY_POLICY = 18,
	VTPM_VERIFY_HOST = 19, /* the quote of the host's own TPM */
};

/* Borrowed; DATA is NULL if it is absent. */
struct vtpm_verify_bytes {
	const void *data;
	size_t len;
};

#define VTPM_VERIFY_TEXT 256

struct vtpm_verify_challenge_input {
	struct vtpm_verify_bytes roots;         /* certificates that are trusted, PEM or DER */
	struct vtpm_verify_bytes intermediates; /* may be missing */
	struct vtpm_verify_bytes ek;            /* the EK certificate, PEM or DER */
	struct vtpm_verify_bytes ak;            /* TPM2B_PUBLIC or TPMT_PUBLIC */
	int64_t now;                            /* seconds since 1970 */
};

struct vtpm_verify_challenge {
	uint8_t credential[640]; /* for the attester, as tpm2_activatecredential(1) takes it */
	size_t credential_len;
	char nonce[65]; /* for the attester, 32 bytes in hex digits: what the quote must have */
	char kept[768]; /* JSON; not secret, but nobody else may change it */
	char reason[VTPM_VERIFY_TEXT];
};

/* VTPM_VERIFY_YES: there is a challenge; else RET->reason says why not. */
enum vtpm_verify_kind vtpm_verify_challenge(const struct vtpm_verify_challenge_input *input,
					    struct vtpm_verify_challenge *ret);

struct vtpm_verify_input {
	struct vtpm_verify_bytes roots, intermediates, ek, ak; /* as for the challenge */
	struct vtpm_verify_bytes kept;    /* of the challenge; or missing, with EARLIER and NONCE */
	struct vtpm_verify_bytes opened;  /* the secret, from the attester */
	struct vtpm_verify_bytes earlier; /* a report that said yes to this AK; may be missing */
	struct vtpm_verify_bytes nonce;   /* bytes; may be missing where KEPT has it */
	struct vtpm_verify_bytes quote;   /* TPMS_ATTEST */
	struct vtpm_verify_bytes signature; /* TPMT_SIGNATURE */
	struct vtpm_verify_bytes pcrs;      /* the registers' values; may be missing with a log */
	struct vtpm_verify_bytes log;       /* vtpm-eventlog(5); may be missing with PCRS */
	struct vtpm_verify_bytes policy;    /* JSON, vtpm-verify(1); may be missing */
	int64_t now;                        /* seconds since 1970 */
};

struct vtpm_verify_verdict {
	enum vtpm_verify_kind kind;
	char reason[VTPM_VERIFY_TEXT]; /* "" for yes */
	char *report; /* JSON, what was proved before the reason to say no; NULL without memory */
};

/* Returns RET->kind. vtpm_verify_verdict_done() frees what is in RET. */
enum vtpm_verify_kind vtpm_verify_quote(const struct vtpm_verify_input *input,
					struct vtpm_verify_verdict *ret);
void vtpm_verify_verdict_done(struct vtpm_verify_verdict *verdict);

#ifdef __cplusplus
}
#endif

#endif
