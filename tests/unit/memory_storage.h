/* SPDX-License-Identifier: BSD-3-Clause */
/* A TPM's storage in memory, for tests of what lies above the state files. */
#ifndef VTPM_TESTS_UNIT_MEMORY_STORAGE_H
#define VTPM_TESTS_UNIT_MEMORY_STORAGE_H

#include "tpm/blobs.h"
#include "tpm/tpm.h"

struct memory_storage {
	struct tpm_blobs blobs;
	unsigned int stores;
	int load_error;  /* answered instead of the blob when not 0 */
	int store_error; /* likewise */
};

struct tpm_storage memory_storage(struct memory_storage *memory);
void memory_storage_done(struct memory_storage *memory);

#endif
