/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/memory_storage.h"

static int load(void *context, enum tpm_blob blob, uint8_t **data, size_t *len)
{
	struct memory_storage *memory = context;
	const struct tpm_storage blobs = tpm_blobs_storage(&memory->blobs);

	if (memory->load_error != 0)
		return memory->load_error;
	return blobs.load(blobs.context, blob, data, len);
}

static int store(void *context, enum tpm_blob blob, const uint8_t *data, size_t len)
{
	struct memory_storage *memory = context;
	const struct tpm_storage blobs = tpm_blobs_storage(&memory->blobs);
	int r = memory->store_error;

	if (r == 0)
		r = blobs.store(blobs.context, blob, data, len);
	memory->stores += r == 0;
	return r;
}

static int forget(void *context, enum tpm_blob blob)
{
	struct memory_storage *memory = context;
	const struct tpm_storage blobs = tpm_blobs_storage(&memory->blobs);

	return blobs.remove(blobs.context, blob);
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
	tpm_blobs_done(&memory->blobs);
	*memory = (struct memory_storage){ 0 };
}
