/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a directory remembers of the TPM it holds, so that a lost state file is not taken for a new
 * directory and quietly replaced by a TPM with another identity.
 */
#ifndef VTPM_TPM_STATE_IDENTITY_H
#define VTPM_TPM_STATE_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

#include "tpm/state/dir.h"
#include "tpm/state/format.h"

/*
 * Whether a TPM may be made in DIR, which has no permanent state: a new one, or that with ID when
 * ID is not NULL. -ESTALE when it held another one and NEW_IDENTITY is not given, -EKEYREJECTED
 * when what it held was encrypted and KIND is plain.
 */
int identity_check(const struct state_dir *dir, enum key_kind kind, bool new_identity,
		   const uint8_t *id, struct error *err);

/*
 * Whether the TPM with HEADER, whose state is in DIR, is the one that DIR remembers, or DIR
 * remembers none; -ESTALE: it is another one.
 */
int identity_compare(const struct state_dir *dir, const struct state_header *header,
		     struct error *err);

/* Whether DIR remembers a TPM at all. */
bool identity_exists(const struct state_dir *dir);

/* Whether DIR remembers just this TPM and how it is encrypted. */
bool identity_is_kept(const struct state_dir *dir, const struct state_header *header);

int identity_keep(const struct state_dir *dir, const struct state_header *header,
		  struct error *err);

#endif
