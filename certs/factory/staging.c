/* SPDX-License-Identifier: BSD-3-Clause */
#include "certs/factory/staging.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/error.h"

static int load(void *context, enum tpm_blob blob, uint8_t **data, size_t *len)
{
	const struct staging *staging = context;
	uint8_t *copy;

	if (staging->blobs[blob].data == NULL)
		return -ENOENT;
	copy = malloc(staging->blobs[blob].len);
	if (copy == NULL)
		return -ENOMEM;
	memcpy(copy, staging->blobs[blob].data, staging->blobs[blob].len);
	*data = copy;
	*len = staging->blobs[blob].len;
	return 0;
}

static int forget(void *context, enum tpm_blob blob)
{
	struct staging *staging = context;

	if (staging->blobs[blob].data != NULL)
		explicit_bzero(staging->blobs[blob].data, staging->blobs[blob].len);
	free(staging->blobs[blob].data);
	staging->blobs[blob].data = NULL;
	staging->blobs[blob].len = 0;
	return 0;
}

static int store(void *context, enum tpm_blob blob, const uint8_t *data, size_t len)
{
	struct staging *staging = context;
	uint8_t *copy = malloc(len > 0 ? len : 1);

	if (copy == NULL)
		return -ENOMEM;
	if (len > 0)
		memcpy(copy, data, len);
	(void)forget(staging, blob);
	staging->blobs[blob].data = copy;
	staging->blobs[blob].len = len;
	return 0;
}

struct tpm_storage staging_storage(struct staging *staging)
{
	return (struct tpm_storage){
		.load = load, .store = store, .remove = forget, .context = staging
	};
}

int staging_commit(const struct staging *staging, const struct tpm_storage *target,
		   struct error *err)
{
	int r = target->replace(target->context, staging->blobs[BLOB_PERMANENT].data,
				staging->blobs[BLOB_PERMANENT].len);

	return r < 0 ? error_set(err, -r, "store the new TPM's state") : 0;
}

void staging_done(struct staging *staging)
{
	for (int i = 0; i < BLOBS; i++)
		(void)forget(staging, (enum tpm_blob)i);
}
