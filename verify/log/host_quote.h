/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The event "host-quote", by which the host's own TPM vouches for a launch: its parts, TLVs as in a
 * record. Pure; vtpm-eventlog(5) is the format.
 */
#ifndef VTPM_VERIFY_LOG_HOST_QUOTE_H
#define VTPM_VERIFY_LOG_HOST_QUOTE_H

#include <stddef.h>
#include <stdint.h>

struct error;

enum host_quote_type {
	HOST_QUOTE_EK,        /* TPMT_PUBLIC: an EK of the container's TPM, one part for each */
	HOST_QUOTE_AK,        /* TPMT_PUBLIC: the key of the host's TPM */
	HOST_QUOTE_ATTEST,    /* TPMS_ATTEST */
	HOST_QUOTE_SIGNATURE, /* TPMT_SIGNATURE */
	HOST_QUOTE_PCRS,      /* the registers' values, one behind the other, as quoted */
	HOST_QUOTE_TYPES,
};

#define HOST_QUOTE_EKS_MOST 6
#define HOST_QUOTE_MOST 16384
#define HOST_QUOTE_NONCE 32

/* Parts in the making. */
struct host_quote_parts {
	size_t len;
	uint8_t bytes[HOST_QUOTE_MOST];
};

/* -E2BIG: they would be too large. */
int host_quote_add(struct host_quote_parts *parts, enum host_quote_type type, const void *data,
		   size_t len);

/* Adds parts that somebody else has made. */
int host_quote_append(struct host_quote_parts *parts, const uint8_t *bytes, size_t len);

/* What was read; all is borrowed. */
struct host_quote {
	struct host_quote_part {
		const uint8_t *data;
		size_t len;
	} eks[HOST_QUOTE_EKS_MOST], parts[HOST_QUOTE_TYPES]; /* the latter has no EK */
	size_t ek_count;
};

/* Reads all of BYTES. -EINVAL: not 1 to 6 EKs and then one of each other part, in their order. */
int host_quote_parse(const uint8_t *bytes, size_t len, struct host_quote *ret);

/*
 * The nonce that the host's TPM gets: the SHA-256 of the EKs' NAMES, one behind the other, and the
 * resetCount of their TPM, so that the quote is for one TPM and for one start of it. NAMES has room
 * for four bytes behind its LEN.
 */
int host_quote_nonce(uint8_t *names, size_t len, uint32_t reset_count,
		     uint8_t nonce[static HOST_QUOTE_NONCE], struct error *err);

#endif
