/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Between libtpms and the storage of the process's TPM: its callbacks, and what of it is not
 * stored yet because the storage failed.
 */
#ifndef VTPM_TPM_NVRAM_H
#define VTPM_TPM_NVRAM_H

#include <stdbool.h>

#include "tpm/blobs.h"
#include "tpm/command.h"

struct error;

struct nvram {
	enum tpm_version version;
	struct tpm_storage storage;
	bool keeps;   /* a store that fails is kept, and libtpms goes on as though it had not */
	bool stalled; /* something is kept */
	int null_fd;  /* /dev/null, for all that libtpms would print */
	bool removed[BLOBS];
	struct tpm_blobs kept;
};

/* Has libtpms use NVRAM, until nvram_detach(); -EEXIST: it uses another one. */
int nvram_attach(struct nvram *nvram, struct error *err);
void nvram_detach(struct nvram *nvram);

/* Makes libtpms ready for another start, which forgets its version at its end. */
int nvram_choose(const struct nvram *nvram, struct error *err);

/* Stores the permanent state as libtpms has it now, and all that is kept. */
int nvram_store_again(struct nvram *nvram);

#endif
