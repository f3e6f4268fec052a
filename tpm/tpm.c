/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/tpm.h"

#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include <libtpms/tpm_error.h>
#include <libtpms/tpm_library.h>
#include <libtpms/tpm_nvfilename.h>

#include "tpm/tcg.h"
#include "util/bytes.h"
#include "util/error.h"
#include "util/wiped.h"

struct tpm {
	enum tpm_version version;
	struct tpm_storage storage;
	unsigned char *response; /* libtpms allocates and grows it */
	uint32_t response_size;
	bool running; /* libtpms wants to be terminated ... */
	bool answers; /* ... and has started */
};

/* libtpms' callbacks carry no context of ours, as there is one TPM per process. */
static struct tpm *running_tpm;

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

static TPM_RESULT nvram_init(void)
{
	return TPM_SUCCESS;
}

/* TPM_RETRY tells libtpms to make a new TPM: it is for "there is none" and for nothing else. */
static TPM_RESULT nvram_load(unsigned char **data, uint32_t *length, uint32_t number,
			     const char *name)
{
	const struct tpm_storage *storage = &running_tpm->storage;
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

static TPM_RESULT nvram_store(const unsigned char *data, uint32_t length, uint32_t number,
			      const char *name)
{
	const struct tpm_storage *storage = &running_tpm->storage;
	enum tpm_blob blob;
	int r;

	(void)number;
	if (blob_by_name(name, &blob) < 0)
		return TPM_FAIL;
	r = storage->store(storage->context, blob, data, length);
	/* It frees the buffer next, with the seeds in it. */
	if (running_tpm->version == TPM_VERSION_2)
		explicit_bzero((unsigned char *)(uintptr_t)data, length);
	return r < 0 ? TPM_FAIL : TPM_SUCCESS;
}

static TPM_RESULT nvram_delete(uint32_t number, const char *name, TPM_BOOL must_exist)
{
	const struct tpm_storage *storage = &running_tpm->storage;
	enum tpm_blob blob;

	(void)number, (void)must_exist;
	if (blob_by_name(name, &blob) < 0)
		return TPM_FAIL;
	return storage->remove(storage->context, blob) < 0 ? TPM_FAIL : TPM_SUCCESS;
}

/* Whoever holds the node speaks at locality 0, always. */
static TPM_RESULT get_locality(TPM_MODIFIER_INDICATOR *locality, uint32_t number)
{
	(void)number;
	*locality = 0;
	return TPM_SUCCESS;
}

static int choose(enum tpm_version version, struct error *err)
{
	static struct libtpms_callbacks callbacks = {
		.sizeOfStruct = sizeof(callbacks),
		.tpm_nvram_init = nvram_init,
		.tpm_nvram_loaddata = nvram_load,
		.tpm_nvram_storedata = nvram_store,
		.tpm_nvram_deletename = nvram_delete,
		.tpm_io_getlocality = get_locality,
	};
	TPMLIB_TPMVersion chosen =
		version == TPM_VERSION_1_2 ? TPMLIB_TPM_VERSION_1_2 : TPMLIB_TPM_VERSION_2;

	/* It prints commands that have failed, whose bodies may be secret: to no descriptor. */
	TPMLIB_SetDebugFD(INT_MAX);
	if (TPMLIB_RegisterCallbacks(&callbacks) != TPM_SUCCESS ||
	    TPMLIB_ChooseTPMVersion(chosen) != TPM_SUCCESS)
		return error_say(err, ENOTSUP, "this libtpms has no TPM %s",
				 tpm_version_name(version));
	return 0;
}

/*
 * libtpms reads the state from buffers that it frees as they are. With this, glibc writes over all
 * memory that is freed, and allocated, which makes it resident: 2.5 MB more in a server.
 */
static void wipe_freed_memory(bool on)
{
#ifdef __GLIBC__
	(void)mallopt(M_PERTURB, on ? 0x55 : 0);
#endif
	(void)on;
}

static int power_on(struct tpm *tpm, struct error *err)
{
	TPM_RESULT rc;

	tpm->running = true; /* a failed start wants TPMLIB_Terminate() as well */
	wipe_freed_memory(true);
	rc = TPMLIB_MainInit();
	if (rc != TPM_SUCCESS)
		return error_say(err, EIO, "libtpms does not start with this state (TPM code 0x%x)",
				 rc);

	/* A TPM 1.2 grows the buffers that it writes to, and leaves copies behind. */
	wipe_freed_memory(tpm->version == TPM_VERSION_1_2);
	tpm->answers = true;
	return 0;
}

int tpm_start(enum tpm_version version, const struct tpm_storage *storage, struct tpm **ret,
	      struct error *err)
{
	cleanup_with(tpm_stopp) struct tpm *tpm = NULL;
	int r;

	if (running_tpm != NULL)
		return error_say(err, EEXIST, "this process has a TPM already");
	tpm = calloc(1, sizeof(*tpm));
	if (tpm == NULL)
		return error_set(err, ENOMEM, "start the TPM");

	tpm->version = version;
	tpm->storage = *storage;
	running_tpm = tpm;
	r = choose(version, err);
	if (r == 0)
		r = power_on(tpm, err);
	if (r < 0)
		return r;
	*ret = take_ptr(tpm);
	return 0;
}

void tpm_stop(struct tpm *tpm)
{
	if (tpm == NULL)
		return;
	if (tpm->running)
		TPMLIB_Terminate();
	wipe_and_free(tpm->response, tpm->response_size);
	free(tpm);
	running_tpm = NULL;
}

int tpm_restart(struct tpm *tpm, struct error *err)
{
	int r;

	tpm->answers = false;
	TPMLIB_Terminate(); /* which also forgets the version that was chosen */
	r = choose(tpm->version, err);
	return r < 0 ? r : power_on(tpm, err);
}

enum tpm_version tpm_get_version(const struct tpm *tpm)
{
	return tpm->version;
}

int tpm_execute(struct tpm *tpm, const uint8_t *command, size_t len, const uint8_t **response,
		size_t *response_len)
{
	uint32_t size = 0;

	if (!tpm->answers)
		return -EIO;
	/* libtpms does not write to the command, it only lacks the const. */
	if (TPMLIB_Process(&tpm->response, &size, &tpm->response_size,
			   (unsigned char *)(uintptr_t)command, (uint32_t)len) != TPM_SUCCESS ||
	    size < TPM_HEADER_SIZE || size > TPM_COMMAND_MAX)
		return -EIO;

	*response = tpm->response;
	*response_len = size;
	return 0;
}

/* A command of ours whose answer is a code and nothing else. */
static int run_simple(struct tpm *tpm, struct tpm_command *command, uint32_t *code)
{
	const uint8_t *response;
	size_t len;
	int r;

	r = tpm_command_end(command);
	if (r == 0)
		r = tpm_execute(tpm, command->bytes, command->len, &response, &len);
	if (r == 0)
		*code = get_be32(response + 6);
	return r;
}

static int run_named(struct tpm *tpm, struct tpm_command *command, const char *name,
		     struct error *err)
{
	uint32_t code = 0;
	int r = run_simple(tpm, command, &code);

	if (r < 0)
		return error_set(err, -r, "%s", name);
	if (code != TPM2_RC_SUCCESS)
		return error_say(err, EIO, "%s: the TPM answers 0x%x", name, code);
	return 0;
}

int tpm_startup(struct tpm *tpm, struct error *err)
{
	struct tpm_command command;

	if (tpm->version == TPM_VERSION_1_2) {
		tpm_command_begin(&command, TPM12_TAG_RQU_COMMAND, TPM12_ORD_Startup);
		tpm_put_u16(&command, TPM12_ST_CLEAR);
		return run_named(tpm, &command, "TPM_Startup", err);
	}
	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_Startup);
	tpm_put_u16(&command, TPM2_SU_CLEAR);
	return run_named(tpm, &command, "TPM2_Startup", err);
}

int tpm_shutdown(struct tpm *tpm, struct error *err)
{
	struct tpm_command command;

	if (tpm->version == TPM_VERSION_1_2) {
		tpm_command_begin(&command, TPM12_TAG_RQU_COMMAND, TPM12_ORD_SaveState);
		return run_named(tpm, &command, "TPM_SaveState", err);
	}
	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_Shutdown);
	tpm_put_u16(&command, TPM2_SU_CLEAR);
	return run_named(tpm, &command, "TPM2_Shutdown", err);
}

int tpm_save_volatile(struct tpm *tpm, uint8_t **data, size_t *len, struct error *err)
{
	unsigned char *buffer = NULL;
	uint32_t size = 0;
	TPM_RESULT rc;

	(void)tpm;
	rc = TPMLIB_VolatileAll_Store(&buffer, &size);
	if (rc != TPM_SUCCESS || size == 0) {
		free(buffer);
		return error_say(err, EIO, "the TPM does not give its volatile state (code 0x%x)",
				 rc);
	}
	*data = buffer;
	*len = size;
	return 0;
}

static bool has_blob(const struct tpm_storage *storage, enum tpm_blob blob)
{
	cleanup_wiped struct wiped data = { 0 };

	return storage->load(storage->context, blob, &data.data, &data.len) != -ENOENT;
}

int tpm_validate(enum tpm_version version, const struct tpm_storage *storage, struct error *err)
{
	struct tpm tpm = { .version = version, .storage = *storage };
	enum TPMLIB_StateType types = TPMLIB_STATE_PERMANENT;
	TPM_RESULT rc;
	int r;

	if (running_tpm != NULL)
		return error_say(err, EEXIST, "this process has a TPM already");
	if (has_blob(storage, BLOB_VOLATILE))
		types |= TPMLIB_STATE_VOLATILE;
	if (has_blob(storage, BLOB_SAVESTATE) && version == TPM_VERSION_1_2)
		types |= TPMLIB_STATE_SAVE_STATE;
	running_tpm = &tpm;
	r = choose(version, err);
	if (r == 0) {
		rc = TPMLIB_ValidateState(types, 0);
		if (rc != TPM_SUCCESS)
			r = error_say(err, EBADMSG,
				      "libtpms does not understand this state (code 0x%x)", rc);
	}
	running_tpm = NULL;
	return r;
}

int tpm_cancel(struct tpm *tpm)
{
	(void)tpm;
	return TPMLIB_CancelCommand() == TPM_SUCCESS ? 0 : -ENOTSUP;
}
