/* SPDX-License-Identifier: BSD-3-Clause */
/* TPM 2.0 commands that several tests send; each is ended and has no mistakes. */
#ifndef VTPM_TESTS_COMMON_COMMANDS_H
#define VTPM_TESTS_COMMON_COMMANDS_H

#include "tpm/command.h"

void command_get_random(struct tpm_command *command, uint16_t len);

/* One whose only content is a handle: ReadPublic, FlushContext, ContextSave, PolicyGetDigest. */
void command_with_handle(struct tpm_command *command, uint32_t code, uint32_t handle);

/* An ECC P-256 storage key, which is quick to make. */
void command_create_primary_ecc(struct tpm_command *command, uint32_t hierarchy);

/* An ECC P-256 key that signs with ECDSA and SHA-256. */
void command_create_primary_signer(struct tpm_command *command, uint32_t hierarchy);

/*
 * An RSA 2048 storage key, another one each time: takes some hundredths of a second to several.
 */
void command_create_primary_rsa(struct tpm_command *command, uint32_t hierarchy);

/* The public part of a keyed hash object whose only content are the bytes of TAG. */
void command_load_tagged(struct tpm_command *command, const void *tag, size_t len);

/* Type 0: HMAC, 1: policy; unbound, unsalted, SHA-256. */
void command_start_session(struct tpm_command *command, uint8_t type);

/* TPM2_GetCapability(TPM_CAP_HANDLES). */
void command_list_handles(struct tpm_command *command, uint32_t first, uint32_t most);

/* The same in an HMAC session that audits it, and goes on. */
void command_audit_handles(struct tpm_command *command, uint32_t session, uint32_t first,
			   uint32_t most);

/* A SHA-256 in pieces. */
void command_hash_start(struct tpm_command *command);
void command_hash_update(struct tpm_command *command, uint32_t sequence, const void *data,
			 size_t len);
void command_hash_complete(struct tpm_command *command, uint32_t sequence, const void *data,
			   size_t len);

/* Seals DATA under PARENT (empty auth) with the policy digest of a session on which nothing was
 * done. */
void command_seal(struct tpm_command *command, uint32_t parent, const void *data, size_t len);

/* TPM2_Load of what TPM2_Create answered, under PARENT. */
void command_load(struct tpm_command *command, uint32_t parent, const uint8_t *private_and_public,
		  size_t len);

/* TPM2_Unseal by a policy session that ends with it, or goes on. */
void command_unseal(struct tpm_command *command, uint32_t item, uint32_t session, int goes_on);

/* ECDSA over DIGEST by a key of command_create_primary_signer(). */
void command_sign(struct tpm_command *command, uint32_t key, const uint8_t digest[static 32]);

#endif
