/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/memory_storage.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int load(void *context, enum tpm_blob blob, uint8_t **data, size_t *len)
{
	struct memory_storage *memory = context;

	if (memory->load_error != 0)
		return memory->load_error;
	if (memory->blobs[blob].data == NULL)
		return -ENOENT;
	*len = memory->blobs[blob].len;
	*data = malloc(*len);
	if (*data == NULL)
		return -ENOMEM;
	memcpy(*data, memory->blobs[blob].data, *len);
	return 0;
}

static int store(void *context, enum tpm_blob blob, const uint8_t *data, size_t len)
{
	struct memory_storage *memory = context;
	uint8_t *copy;

	if (memory->store_error != 0)
		return memory->store_error;
	copy = malloc(len);
	if (copy == NULL)
		return -ENOMEM;
	memcpy(copy, data, len);
	free(memory->blobs[blob].data);
	memory->blobs[blob].data = copy;
	memory->blobs[blob].len = len;
	memory->stores++;
	return 0;
}

static int forget(void *context, enum tpm_blob blob)
{
	struct memory_storage *memory = context;

	free(memory->blobs[blob].data);
	memory->blobs[blob].data = NULL;
	return 0;
}

static int replace(void *context, const uint8_t *data, size_t len)
{
	int r = store(context, BLOB_PERMANENT, data, len);

	if (r == 0)
		r = forget(context, BLOB_VOLATILE);
	return r == 0 ? forget(context, BLOB_SAVESTATE) : r;
}

struct tpm_storage memory_storage(struct memory_storage *memory)
{
	return (struct tpm_storage){ .load = load,
				     .store = store,
				     .remove = forget,
				     .replace = replace,
				     .context = memory };
}

void memory_storage_done(struct memory_storage *memory)
{
	for (int i = 0; i < BLOBS; i++)
		free(memory->blobs[i].data);
	*memory = (struct memory_storage){ 0 };
}
