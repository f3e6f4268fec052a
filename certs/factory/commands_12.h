/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The commands of a TPM 1.2 that a factory needs: switch it on, make its endorsement key, write NV.
 */
#ifndef VTPM_CERTS_FACTORY_COMMANDS_12_H
#define VTPM_CERTS_FACTORY_COMMANDS_12_H

#include <stdbool.h>
#include <stdint.h>

#include "certs/x509/openssl.h"

struct error;
struct tpm_executor;

#define TPM12_NV_EK_CERTIFICATE 0x1000f000
#define TPM12_NV_PLATFORM_CERTIFICATE 0x1000f002

/* Enabled and activated, from the TPM's next start on. */
int tpm12_activate(const struct tpm_executor *executor, struct error *err);

/*
 * Whether commands may say that somebody is physically present: from now on, or not any more until
 * the next start. A TPM that has this settled for life stays as it is.
 */
int tpm12_allow_presence(const struct tpm_executor *executor, struct error *err);
int tpm12_end_presence(const struct tpm_executor *executor, struct error *err);

/* What there is of it. A TPM without an owner has its switches and its key as its maker wants. */
struct tpm12_status {
	bool owned;
	bool active; /* enabled and activated */
	bool has_ek; /* not known of one that is owned, which cannot be without */
};
int tpm12_get_status(const struct tpm_executor *executor, struct tpm12_status *ret,
		     struct error *err);

/* Makes the endorsement key, RSA 2048; *RET is its public half, if RET is not NULL. */
int tpm12_make_ek(const struct tpm_executor *executor, EVP_PKEY **ret, struct error *err);

/* Defines INDEX, for the owner to read and write, and writes a certificate with TCG's header. */
int tpm12_write_certificate(const struct tpm_executor *executor, uint32_t index, const uint8_t *der,
			    size_t len, struct error *err);

bool tpm12_has_index(const struct tpm_executor *executor, uint32_t index);

/* From now on NV wants the authorization it was defined with (nvLocked). */
int tpm12_lock_nv(const struct tpm_executor *executor, struct error *err);

/* A TPM_PUBKEY of an RSA key and what follows it. -EBADMSG: it is none. */
int tpm12_parse_pubkey(const uint8_t *data, size_t len, EVP_PKEY **ret, struct error *err);

#endif
