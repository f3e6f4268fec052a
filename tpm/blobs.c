/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/blobs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int load(void *context, enum tpm_blob blob, uint8_t **data, size_t *len)
{
	const struct tpm_blobs *blobs = context;
	uint8_t *copy;

	if (blobs->of[blob].data == NULL)
		return -ENOENT;
	copy = malloc(blobs->of[blob].len);
	if (copy == NULL)
		return -ENOMEM;
	memcpy(copy, blobs->of[blob].data, blobs->of[blob].len);
	*data = copy;
	*len = blobs->of[blob].len;
	return 0;
}

static int forget(void *context, enum tpm_blob blob)
{
	struct tpm_blobs *blobs = context;

	wiped_done(&blobs->of[blob]);
	return 0;
}

static int store(void *context, enum tpm_blob blob, const uint8_t *data, size_t len)
{
	struct tpm_blobs *blobs = context;
	uint8_t *copy = malloc(len > 0 ? len : 1);

	if (copy == NULL)
		return -ENOMEM;
	if (len > 0)
		memcpy(copy, data, len);
	(void)forget(blobs, blob);
	blobs->of[blob].data = copy;
	blobs->of[blob].len = len;
	return 0;
}

struct tpm_storage tpm_blobs_storage(struct tpm_blobs *blobs)
{
	return (struct tpm_storage){
		.load = load, .store = store, .remove = forget, .context = blobs
	};
}

void tpm_blobs_done(struct tpm_blobs *blobs)
{
	for (int i = 0; i < BLOBS; i++)
		(void)forget(blobs, (enum tpm_blob)i);
}

int tpm_blobs_load(struct tpm_blobs *blobs, const struct tpm_storage *storage)
{
	int r = 0;

	for (int i = 0; i < BLOBS && r == 0; i++) {
		r = storage->load(storage->context, (enum tpm_blob)i, &blobs->of[i].data,
				  &blobs->of[i].len);
		if (r == -ENOENT)
			r = 0;
	}
	return r;
}

int tpm_blobs_store(const struct tpm_blobs *blobs, const struct tpm_storage *storage)
{
	static const enum tpm_blob order[BLOBS] = { BLOB_SAVESTATE, BLOB_VOLATILE, BLOB_PERMANENT };
	int r = 0;

	for (int i = 0; i < BLOBS && r == 0; i++) {
		if (blobs->of[order[i]].data != NULL)
			r = storage->store(storage->context, order[i], blobs->of[order[i]].data,
					   blobs->of[order[i]].len);
	}
	return r;
}
