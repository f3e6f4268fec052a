/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a TPM wants of the place where its state lives.
 */
#ifndef VTPM_TPM_STORAGE_H
#define VTPM_TPM_STORAGE_H

#include <stddef.h>
#include <stdint.h>

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
	 * Sees to it that the permanent state may become larger by any one command; NULL: it
	 * always may.
	 */
	int (*make_room)(void *context);
	/*
	 * Stores the permanent state of another TPM, and removes what there was of the one before:
	 * all is the old one's or the new one's, also after a crash. Not for the TPM itself; NULL:
	 * this storage cannot.
	 */
	int (*replace)(void *context, const uint8_t *data, size_t len);
	void *context;
};

#endif
