/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The key derivation functions of TPM 2.0 Library Part 1, 11.4.10: KDFa and KDFe.
 */
#ifndef VTPM_VERIFY_QUOTE_KDF_H
#define VTPM_VERIFY_QUOTE_KDF_H

#include <stddef.h>
#include <stdint.h>

struct error;

struct kdf_bytes {
	const uint8_t *data;
	size_t len;
};

/* HASH in OpenSSL's words; -EIO. */
int kdf_a(const char *hash, struct kdf_bytes key, const char *label, struct kdf_bytes context,
	  uint8_t *ret, size_t len, struct error *err);
int kdf_e(const char *hash, struct kdf_bytes z, const char *label, struct kdf_bytes party_u,
	  struct kdf_bytes party_v, uint8_t *ret, size_t len, struct error *err);

#endif
