/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The TPM's power-on, at the start and after a failure. When the state cannot be stored: the
 * command that needed it fails, and so does every one after it, until storing works again and the
 * TPM was reset to what is on disk.
 */
#ifndef VTPM_CUSE_SERVER_RECOVERY_H
#define VTPM_CUSE_SERVER_RECOVERY_H

#include <stdbool.h>

struct error;
struct tpm_storage;
struct vtpm;

/* The vTPM's state as the TPM's storage, with an eye on failures. */
struct tpm_storage recovery_storage(struct vtpm *vtpm);

/*
 * What a machine's firmware does at power-on: the TPM is started up, and the platform given up, as
 * no user of the device is the platform (unless --keep-platform).
 */
int recovery_power_on(struct vtpm *vtpm, struct error *err);

/* Whether a store has failed and nothing has made up for it yet. */
bool recovery_is_wanted(struct vtpm *vtpm);

/*
 * Tries to store, and resets the TPM when that works; 0 also when nothing is wrong. -EBUSY: a
 * command runs.
 */
int recovery_try(struct vtpm *vtpm, struct error *err);

#endif
