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

#include "tpm/command.h"
#include "util/cleanup.h"

struct error;
struct tpm;

/* The kinds of state that libtpms keeps outside itself. */
enum tpm_blob {
	BLOB_PERMANENT, /* seeds, NV, persistent objects */
	BLOB_VOLATILE,  /* PCRs, sessions, loaded objects: to go on elsewhere */
	BLOB_SAVESTATE, /* TPM 1.2: what TPM_SaveState keeps over a suspend */
	BLOBS,
};

/* Where the TPM's state lives. Called inside a command, on its thread; must not call tpm_*(). */
struct tpm_storage {
	/* *DATA is allocated with malloc(), the caller wipes and frees it. -ENOENT: there is none.
	 */
	int (*load)(void *context, enum tpm_blob blob, uint8_t **data, size_t *len);
	/* On disk before it returns 0. */
	int (*store)(void *context, enum tpm_blob blob, const uint8_t *data, size_t len);
	/* 0 also when there was none. */
	int (*remove)(void *context, enum tpm_blob blob);
	/*
	 * Stores the permanent state of another TPM, and removes what there was of the one before:
	 * all is the old one's or the new one's, also after a crash. Not for the TPM itself; NULL:
	 * this storage cannot.
	 */
	int (*replace)(void *context, const uint8_t *data, size_t len);
	void *context;
};

/*
 * Starts the process's TPM from STORAGE (copied): -EEXIST when one is running. A TPM without
 * permanent state is made new and stored. Not yet started up: tpm_startup() is the power-on
 * sequence.
 */
int tpm_start(enum tpm_version version, const struct tpm_storage *storage, struct tpm **ret,
	      struct error *err);

/* Ends the TPM without a word to it, as a power cut does: tpm_shutdown() comes first. */
void tpm_stop(struct tpm *tpm);
DEFINE_CLEANUP(struct tpm, tpm_stop);

enum tpm_version tpm_get_version(const struct tpm *tpm);

/*
 * Stops the TPM and starts it again from its storage, as a reset does; then comes tpm_startup().
 * After an error the TPM answers nothing; this may be tried again.
 */
int tpm_restart(struct tpm *tpm, struct error *err);

/* TPM2_Startup(CLEAR) or TPM_Startup(ST_CLEAR). */
int tpm_startup(struct tpm *tpm, struct error *err);

/* TPM2_Shutdown(CLEAR), so that no lockout is counted at the next start; 1.2: TPM_SaveState. */
int tpm_shutdown(struct tpm *tpm, struct error *err);

/*
 * Runs one command. *RESPONSE is borrowed until the next call and never shorter than a header. A
 * TPM error is a response; -EIO means that the TPM gave none.
 */
int tpm_execute(struct tpm *tpm, const uint8_t *command, size_t len, const uint8_t **response,
		size_t *response_len);

/*
 * What a TPM of the process needs to go on elsewhere: PCRs, sessions, loaded objects. *DATA is
 * allocated, the caller wipes and frees it. Between two commands only. A TPM that starts with it
 * as BLOB_VOLATILE is not to be started up.
 */
int tpm_save_volatile(struct tpm *tpm, uint8_t **data, size_t *len, struct error *err);

/* Whether libtpms reads what is in STORAGE; needs a process without a running TPM. */
int tpm_validate(enum tpm_version version, const struct tpm_storage *storage, struct error *err);

/* Asks the running command to stop; it answers TPM_RC_CANCELED if it looks in time. */
int tpm_cancel(struct tpm *tpm);

#endif
