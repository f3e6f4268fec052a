/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * NV indices of a TPM 2.0 that hold what a factory writes: certificates and templates.
 */
#ifndef VTPM_CERTS_FACTORY_NV_H
#define VTPM_CERTS_FACTORY_NV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tpm/exchange.h"

struct error;

/* The most that one command moves. */
#define NV_CHUNK_MAX 1024

#define NV_PLATFORM_CERTIFICATE 0x01c08000
#define NV_IAK_CERTIFICATE 0x01c90100
#define NV_IDEVID_CERTIFICATE 0x01c90200

/*
 * Defines INDEX, owned by the platform and readable by all, exactly LEN bytes long; writes it, and
 * with LOCK makes it read-only for ever. -EFBIG: more than TPM_NV_INDEX_MAX.
 */
int nv_make(const struct tpm_executor *executor, uint32_t index, const void *data, size_t len,
	    bool lock, struct error *err);

/* *ATTRIBUTES is a TPMA_NV, *SIZE the index's size; -ENOENT when there is no such index. */
int nv_read_public(const struct tpm_executor *executor, uint32_t index, uint32_t *attributes,
		   size_t *size, struct error *err);

/* Reads the whole index, by the index's own (empty) authorization; *LEN is its size. */
int nv_read(const struct tpm_executor *executor, uint32_t index,
	    uint8_t data[static TPM_NV_INDEX_MAX], size_t *len, struct error *err);

#endif
