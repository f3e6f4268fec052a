/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is done when the TPM's state cannot be stored: the command that needed it fails, and so does
 * every one after it, until it is stored. The TPM itself goes on from there; trouble with a disk
 * never resets what is measured.
 */
#ifndef VTPM_CUSE_SERVER_RECOVERY_H
#define VTPM_CUSE_SERVER_RECOVERY_H

#include <stdbool.h>

struct error;
struct tpm_storage;
struct vtpm;

/* The vTPM's state as the TPM's storage, with an eye on failures. */
struct tpm_storage recovery_storage(struct vtpm *vtpm);

/* Whether a store has failed and nothing has made up for it yet. */
bool recovery_is_wanted(struct vtpm *vtpm);

/*
 * With the TPM. Stores what could not be stored; 0 also when nothing is wrong. -EIO: the TPM stays
 * failed, as --on-store-failure=fail says.
 */
int recovery_try(struct vtpm *vtpm, struct error *err);

/* With the TPM. Looks whether the state on disk is still ours, and stores it once more where not.
 */
void recovery_check(struct vtpm *vtpm);

#endif
