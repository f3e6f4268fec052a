/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/nvram.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include <libtpms/tpm_error.h>
#include <libtpms/tpm_library.h>
#include <libtpms/tpm_nvfilename.h>

#include "util/cleanup.h"
#include "util/error.h"

/* libtpms' callbacks carry no context of ours, as there is one TPM per process. */
static struct nvram *attached;

static int blob_by_name(const char *name, enum tpm_blob *ret)
{
	static const char *const names[BLOBS] = {
		[BLOB_PERMANENT] = TPM_PERMANENT_ALL_NAME,
		[BLOB_VOLATILE] = TPM_VOLATILESTATE_NAME,
		[BLOB_SAVESTATE] = TPM_SAVESTATE_NAME,
	};

	for (int i = 0; i < BLOBS; i++) {
		if (strcmp(name, names[i]) == 0) {
			*ret = (enum tpm_blob)i;
			return 0;
		}
	}
	return -EINVAL;
}

static TPM_RESULT init(void)
{
	return TPM_SUCCESS;
}

/* TPM_RETRY tells libtpms to make a new TPM: it is for "there is none" and for nothing else. */
static TPM_RESULT load(unsigned char **data, uint32_t *length, uint32_t number, const char *name)
{
	const struct tpm_storage *storage = &attached->storage;
	enum tpm_blob blob;
	size_t len = 0;
	int r;

	(void)number;
	*data = NULL;
	*length = 0;
	if (blob_by_name(name, &blob) < 0)
		return TPM_FAIL;
	r = storage->load(storage->context, blob, data, &len);
	if (r == -ENOENT)
		return TPM_RETRY;
	if (r < 0)
		return TPM_FAIL;
	*length = (uint32_t)len;
	return TPM_SUCCESS;
}

/*
 * Told of a failed store, libtpms would end in its failure mode, from which only a reset leads
 * back: trouble with a disk would set what is measured to zero. So it is not told, and nobody is
 * answered before the store is made up for.
 */
static TPM_RESULT keep(enum tpm_blob blob, const unsigned char *data, size_t len)
{
	const struct tpm_storage memory = tpm_blobs_storage(&attached->kept);

	if (!attached->keeps)
		return TPM_FAIL;
	attached->stalled = true;
	attached->removed[blob] = data == NULL;
	if (data == NULL)
		return TPM_SUCCESS;
	return memory.store(memory.context, blob, data, len) < 0 ? TPM_FAIL : TPM_SUCCESS;
}

static TPM_RESULT store(const unsigned char *data, uint32_t length, uint32_t number,
			const char *name)
{
	const struct tpm_storage *storage = &attached->storage;
	TPM_RESULT rc = TPM_SUCCESS;
	enum tpm_blob blob;

	(void)number;
	if (blob_by_name(name, &blob) < 0)
		return TPM_FAIL;
	if (storage->store(storage->context, blob, data, length) < 0)
		rc = keep(blob, data, length);
	/* It frees the buffer next, with the seeds in it. */
	if (attached->version == TPM_VERSION_2)
		explicit_bzero((unsigned char *)(uintptr_t)data, length);
	return rc;
}

static TPM_RESULT forget(uint32_t number, const char *name, TPM_BOOL must_exist)
{
	const struct tpm_storage *storage = &attached->storage;
	enum tpm_blob blob;

	(void)number, (void)must_exist;
	if (blob_by_name(name, &blob) < 0)
		return TPM_FAIL;
	return storage->remove(storage->context, blob) < 0 ? keep(blob, NULL, 0) : TPM_SUCCESS;
}

/* Whoever holds the node speaks at locality 0, always. */
static TPM_RESULT get_locality(TPM_MODIFIER_INDICATOR *locality, uint32_t number)
{
	(void)number;
	*locality = 0;
	return TPM_SUCCESS;
}

int nvram_choose(const struct nvram *nvram, struct error *err)
{
	static struct libtpms_callbacks callbacks = {
		.sizeOfStruct = sizeof(callbacks),
		.tpm_nvram_init = init,
		.tpm_nvram_loaddata = load,
		.tpm_nvram_storedata = store,
		.tpm_nvram_deletename = forget,
		.tpm_io_getlocality = get_locality,
	};
	TPMLIB_TPMVersion chosen =
		nvram->version == TPM_VERSION_1_2 ? TPMLIB_TPM_VERSION_1_2 : TPMLIB_TPM_VERSION_2;

	/* It prints commands that have failed, whose bodies may be secret. */
	TPMLIB_SetDebugFD(nvram->null_fd);
	if (TPMLIB_RegisterCallbacks(&callbacks) != TPM_SUCCESS ||
	    TPMLIB_ChooseTPMVersion(chosen) != TPM_SUCCESS)
		return error_say(err, ENOTSUP, "this libtpms has no TPM %s",
				 tpm_version_name(nvram->version));
	return 0;
}

int nvram_attach(struct nvram *nvram, struct error *err)
{
	int r;

	nvram->null_fd = -1;
	if (attached != NULL)
		return error_say(err, EEXIST, "this process has a TPM already");
	nvram->null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (nvram->null_fd < 0)
		return error_set(err, errno, "open /dev/null");
	attached = nvram;
	r = nvram_choose(nvram, err);
	if (r < 0)
		nvram_detach(nvram);
	return r;
}

void nvram_detach(struct nvram *nvram)
{
	tpm_blobs_done(&nvram->kept);
	closep(&nvram->null_fd);
	nvram->null_fd = -1;
	if (attached == nvram)
		attached = NULL;
}

static int fetch_permanent(struct tpm_blobs *blobs)
{
	unsigned char *data = NULL;
	uint32_t len = 0;

	if (TPMLIB_GetState(TPMLIB_STATE_PERMANENT, &data, &len) != TPM_SUCCESS || len == 0) {
		free(data);
		return -EIO;
	}
	blobs->of[BLOB_PERMANENT].data = data;
	blobs->of[BLOB_PERMANENT].len = len;
	return 0;
}

static int remove_again(const struct nvram *nvram)
{
	const struct tpm_storage *storage = &nvram->storage;
	int r = 0;

	for (int i = 0; i < BLOBS && r == 0; i++) {
		if (nvram->removed[i])
			r = storage->remove(storage->context, (enum tpm_blob)i);
	}
	return r;
}

int nvram_store_again(struct nvram *nvram)
{
	struct tpm_storage memory = tpm_blobs_storage(&nvram->kept);
	int r;

	nvram->stalled = true;
	(void)memory.remove(memory.context, BLOB_PERMANENT);
	r = fetch_permanent(&nvram->kept);
	if (r == 0)
		r = remove_again(nvram);
	if (r == 0)
		r = tpm_blobs_store(&nvram->kept, &nvram->storage);
	if (r < 0)
		return r;
	tpm_blobs_done(&nvram->kept);
	memset(nvram->removed, 0, sizeof(nvram->removed));
	nvram->stalled = false;
	return 0;
}
