/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Recovers when the TPM's state could not be stored: the command that needed the store fails, and
 * so does every command after it, until the state is stored. Then the TPM continues without a
 * reset, so trouble with a disk never clears the PCRs.
 */
#ifndef VTPM_CUSE_SERVER_RECOVERY_H
#define VTPM_CUSE_SERVER_RECOVERY_H

#include <stdbool.h>

struct error;
struct tpm_storage;
struct vtpm;

/* The vTPM's state as the TPM's storage; notes failed stores. */
struct tpm_storage recovery_storage(struct vtpm *vtpm);

/* Whether a store has failed and no later one has succeeded yet. */
bool recovery_is_wanted(struct vtpm *vtpm);

/*
 * Call it with the TPM. Stores what could not be stored; 0 also when nothing was missing. -EIO: the
 * TPM stays failed, as --on-store-failure=fail asks.
 */
int recovery_try(struct vtpm *vtpm, struct error *err);

/* Call it with the TPM. Checks that the state on disk is still ours, and stores it again if not. */
void recovery_check(struct vtpm *vtpm);

#endif
