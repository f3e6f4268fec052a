/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The TPM: libtpms, which holds one TPM per process in global variables, behind a handle.
 * Enter it by one thread at a time; tpm_cancel() alone may be called from another.
 */
#ifndef VTPM_TPM_TPM_H
#define VTPM_TPM_TPM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tpm/exchange.h"
#include "tpm/storage.h"
#include "util/cleanup.h"

struct error;
struct tpm;

/*
 * Starts the process's TPM from STORAGE (copied): -EEXIST when one is running. A TPM without
 * permanent state is made new and stored. Not yet started up: tpm_startup() is the power-on
 * sequence.
 */
int tpm_start(enum tpm_version version, const struct tpm_storage *storage, struct tpm **ret,
	      struct error *err);

/* As tpm_start(); a TPM 2.0 that is made new gets PROFILE, see tpm_profile_set(). */
int tpm_start_with_profile(enum tpm_version version, const char *profile,
			   const struct tpm_storage *storage, struct tpm **ret, struct error *err);

/* Ends the TPM without a word to it, as a power cut does: tpm_shutdown() comes first. */
void tpm_stop(struct tpm *tpm);
DEFINE_CLEANUP(struct tpm, tpm_stop);

#define TPM_LIBRARY_LEN 32

/* Writes what the TPM is made of, "libtpms 0.9.2", and returns it. */
const char *tpm_library(char text[static TPM_LIBRARY_LEN]);

enum tpm_version tpm_get_version(const struct tpm *tpm);

/*
 * The most bytes of a command and a response, before the first one; -EINVAL: libtpms does not take
 * it.
 */
int tpm_set_buffer_size(struct tpm *tpm, uint32_t size, struct error *err);

/* TPM2_Startup(CLEAR) or TPM_Startup(ST_CLEAR). */
int tpm_startup(struct tpm *tpm, struct error *err);

/*
 * TPM2_Shutdown(CLEAR), so that no lockout is counted at the next start; 1.2: TPM_SaveState. A TPM
 * that nobody has started up needs neither.
 */
int tpm_shutdown(struct tpm *tpm, struct error *err);

/*
 * Runs one command. *RESPONSE is borrowed until the next call and never shorter than a header. A
 * TPM error is a response; -EIO means that the TPM gave none. A command that may enlarge the
 * permanent state and finds no room answers TPM_RC_NV_SPACE, and has not run. Nobody may be told
 * the answer of a command after which the TPM is stalled.
 */
int tpm_execute(struct tpm *tpm, const uint8_t *command, size_t len, const uint8_t **response,
		size_t *response_len);

/* tpm_execute() of this TPM. */
struct tpm_executor tpm_executor_local(struct tpm *tpm);

/*
 * What a TPM of the process needs to go on elsewhere: PCRs, sessions, loaded objects. *DATA is
 * allocated, the caller wipes and frees it. Between two commands only. A TPM that starts with it
 * as BLOB_VOLATILE is not to be started up.
 */
int tpm_save_volatile(struct tpm *tpm, uint8_t **data, size_t *len, struct error *err);

/*
 * Stores the permanent state, and whatever else could not be stored before, as the TPM has it now.
 * Nothing of the TPM changes: what is measured, its sessions and its objects stay. Between two
 * commands only.
 */
int tpm_store_again(struct tpm *tpm, struct error *err);

/* Whether a change is not stored yet: it could not be, and tpm_store_again() has not succeeded. */
bool tpm_is_stalled(const struct tpm *tpm);

/* Whether libtpms reads what is in STORAGE; needs a process without a running TPM. */
int tpm_validate(enum tpm_version version, const struct tpm_storage *storage, struct error *err);

/* Asks the running command to stop; it answers TPM_RC_CANCELED if it looks in time. */
int tpm_cancel(struct tpm *tpm);

#endif
