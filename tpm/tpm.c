/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/tpm.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libtpms/tpm_error.h>
#include <libtpms/tpm_library.h>

#include "tpm/nvram.h"
#include "tpm/profile.h"
#include "tpm/tcg.h"
#include "util/bytes.h"
#include "util/error.h"
#include "util/wiped.h"

struct tpm {
	struct nvram nvram;
	unsigned char *response; /* libtpms allocates and grows it */
	uint32_t response_size;
	bool running;
	uint8_t refusal[TPM_HEADER_SIZE];
};

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

/* 0: libtpms refuses what is in STORAGE for another reason than that a later one made it. */
static int explain(enum tpm_version version, const struct tpm_storage *storage, struct error *err)
{
	cleanup_wiped struct wiped data = { 0 };

	if (version != TPM_VERSION_2 ||
	    storage->load(storage->context, BLOB_PERMANENT, &data.data, &data.len) < 0)
		return 0;
	return tpm_profile_is_read_by(TPMLIB_GetVersion(), data.data, data.len, err);
}

static int power_on(struct tpm *tpm, struct error *err)
{
	TPM_RESULT rc;
	int r;

	tpm->running = true; /* a failed start wants TPMLIB_Terminate() as well */
	wipe_freed_memory(true);
	rc = TPMLIB_MainInit();
	if (rc != TPM_SUCCESS) {
		r = explain(tpm->nvram.version, &tpm->nvram.storage, err);
		return r < 0 ? r
			     : error_say(err, EIO,
					 "libtpms does not start with this state (TPM code 0x%x)",
					 rc);
	}

	/* A TPM 1.2 grows the buffers that it writes to, and leaves copies behind. */
	wipe_freed_memory(tpm->nvram.version == TPM_VERSION_1_2);
	return 0;
}

int tpm_start_with_profile(enum tpm_version version, const char *profile,
			   const struct tpm_storage *storage, struct tpm **ret, struct error *err)
{
	cleanup_with(tpm_stopp) struct tpm *tpm = calloc(1, sizeof(*tpm));
	int r;

	if (tpm == NULL)
		return error_set(err, ENOMEM, "start the TPM");
	tpm->nvram.version = version;
	tpm->nvram.storage = *storage;
	r = nvram_attach(&tpm->nvram, err);
	if (r == 0 && version == TPM_VERSION_2)
		r = tpm_profile_set(profile, err);
	if (r == 0)
		r = power_on(tpm, err);
	if (r < 0)
		return r;
	tpm->nvram.keeps = true;
	*ret = take_ptr(tpm);
	return 0;
}

int tpm_start(enum tpm_version version, const struct tpm_storage *storage, struct tpm **ret,
	      struct error *err)
{
	return tpm_start_with_profile(version, NULL, storage, ret, err);
}

void tpm_stop(struct tpm *tpm)
{
	if (tpm == NULL)
		return;
	if (tpm->running)
		TPMLIB_Terminate();
	wipe_and_free(tpm->response, tpm->response_size);
	nvram_detach(&tpm->nvram);
	free(tpm);
}

enum tpm_version tpm_get_version(const struct tpm *tpm)
{
	return tpm->nvram.version;
}

/* 1: the command has its answer, which is that it finds no room; it has not run. */
static int refuse_to_grow(struct tpm *tpm, const uint8_t *command, size_t len)
{
	const struct tpm_storage *storage = &tpm->nvram.storage;
	enum tpm_version version = tpm->nvram.version;
	bool is_12 = version == TPM_VERSION_1_2;
	struct tpm_header header;

	if (storage->make_room == NULL || tpm_header_parse(command, len, &header) < 0 ||
	    !tpm_command_may_grow(version, header.code) ||
	    storage->make_room(storage->context) == 0)
		return 0;
	put_be16(tpm->refusal, is_12 ? TPM12_TAG_RSP_COMMAND : TPM2_ST_NO_SESSIONS);
	put_be32(tpm->refusal + 2, TPM_HEADER_SIZE);
	put_be32(tpm->refusal + 6, is_12 ? TPM12_NOSPACE : TPM2_RC_NV_SPACE);
	return 1;
}

int tpm_execute(struct tpm *tpm, const uint8_t *command, size_t len, const uint8_t **response,
		size_t *response_len)
{
	uint32_t size = 0;

	if (refuse_to_grow(tpm, command, len) > 0) {
		*response = tpm->refusal;
		*response_len = sizeof(tpm->refusal);
		return 0;
	}
	/* libtpms decrypts parameters in place: a client's command is a copy (transmit.c). */
	if (TPMLIB_Process(&tpm->response, &size, &tpm->response_size,
			   (unsigned char *)(uintptr_t)command, (uint32_t)len) != TPM_SUCCESS ||
	    size < TPM_HEADER_SIZE || size > TPM_COMMAND_MAX)
		return -EIO;

	*response = tpm->response;
	*response_len = size;
	return 0;
}

int tpm_store_again(struct tpm *tpm, struct error *err)
{
	int r = nvram_store_again(&tpm->nvram);

	return r < 0 ? error_set(err, -r, "store the TPM's state") : 0;
}

bool tpm_is_stalled(const struct tpm *tpm)
{
	return tpm->nvram.stalled;
}

static int execute_local(void *context, const uint8_t *command, size_t len,
			 const uint8_t **response, size_t *response_len)
{
	return tpm_execute(context, command, len, response, response_len);
}

struct tpm_executor tpm_executor_local(struct tpm *tpm)
{
	return (struct tpm_executor){ .execute = execute_local, .context = tpm };
}

/* A command of ours, of whose answer only the code is wanted; FINE is as good as success. */
static int run(struct tpm *tpm, struct tpm_command *command, const char *name, uint32_t fine,
	       struct error *err)
{
	const struct tpm_executor executor = tpm_executor_local(tpm);
	struct tpm_answer answer = { .code = TPM2_RC_SUCCESS };
	int r = tpm_exchange(&executor, command, name, &answer, err);

	if (r == -EIO && answer.code != TPM2_RC_SUCCESS && answer.code == fine)
		r = 0;
	return r == 0 && tpm->nvram.stalled ? error_set(err, EIO, "%s", name) : r;
}

int tpm_startup(struct tpm *tpm, struct error *err)
{
	struct tpm_command command;

	if (tpm->nvram.version == TPM_VERSION_1_2) {
		tpm_command_begin(&command, TPM12_TAG_RQU_COMMAND, TPM12_ORD_Startup);
		tpm_put_u16(&command, TPM12_ST_CLEAR);
		return run(tpm, &command, "TPM_Startup", TPM2_RC_SUCCESS, err);
	}
	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_Startup);
	tpm_put_u16(&command, TPM2_SU_CLEAR);
	return run(tpm, &command, "TPM2_Startup", TPM2_RC_SUCCESS, err);
}

int tpm_shutdown(struct tpm *tpm, struct error *err)
{
	struct tpm_command command;

	if (tpm->nvram.version == TPM_VERSION_1_2) {
		tpm_command_begin(&command, TPM12_TAG_RQU_COMMAND, TPM12_ORD_SaveState);
		return run(tpm, &command, "TPM_SaveState", TPM12_INVALID_POSTINIT, err);
	}
	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_Shutdown);
	tpm_put_u16(&command, TPM2_SU_CLEAR);
	return run(tpm, &command, "TPM2_Shutdown", TPM2_RC_INITIALIZE, err);
}

int tpm_set_buffer_size(struct tpm *tpm, uint32_t size, struct error *err)
{
	uint32_t least, most;

	(void)tpm;
	(void)TPMLIB_SetBufferSize(0, &least, &most);
	if (size < least || size > most)
		return error_say(err, EINVAL, "%u is not from %u to %u", size, least, most);
	(void)TPMLIB_SetBufferSize(size, NULL, NULL);
	return 0;
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
	struct nvram nvram = { .version = version, .storage = *storage };
	enum TPMLIB_StateType types = TPMLIB_STATE_PERMANENT;
	TPM_RESULT rc;
	int r;

	if (has_blob(storage, BLOB_VOLATILE))
		types |= TPMLIB_STATE_VOLATILE;
	if (has_blob(storage, BLOB_SAVESTATE) && version == TPM_VERSION_1_2)
		types |= TPMLIB_STATE_SAVE_STATE;
	r = nvram_attach(&nvram, err);
	if (r < 0)
		return r;
	rc = TPMLIB_ValidateState(types, 0);
	nvram_detach(&nvram);
	if (rc == TPM_SUCCESS)
		return 0;
	r = explain(version, storage, err);
	return r < 0 ? r
		     : error_say(err, EBADMSG, "libtpms does not understand this state (code 0x%x)",
				 rc);
}

const char *tpm_library(char text[static TPM_LIBRARY_LEN])
{
	char version[16];

	tpm_version_text(TPMLIB_GetVersion(), version);
	(void)snprintf(text, TPM_LIBRARY_LEN, "libtpms %s", version);
	return text;
}

int tpm_cancel(struct tpm *tpm)
{
	(void)tpm;
	return TPMLIB_CancelCommand() == TPM_SUCCESS ? 0 : -ENOTSUP;
}
