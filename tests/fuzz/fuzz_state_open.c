/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A whole state file from bytes: what opens can be loaded, stored to and opened again. The input is
 * what stands at the beginning of the file and of its two slots, each in 512 bytes.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "tpm/state/seal.h"
#include "tpm/state/state.h"
#include "util/bytes.h"
#include "util/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PART 512
#define FILE_SIZE (STATE_BLOCK + STATE_SLOTS * STATE_SLOT_MIN)

static char dir[64];
static int file_fd = -1;

static void clean_up(void)
{
	static const char *const names[] = { "tpm.permanent", "tpm.identity", ".lock" };
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(dir);
}

/* In memory where possible: a disk would be most of the time. */
static void prepare(void)
{
	char path[128];

	if (dir[0] == '\0') {
		(void)snprintf(dir, sizeof(dir), "%s/fuzz-state.XXXXXX",
			       access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
		if (mkdtemp(dir) == NULL)
			exit(1);
		(void)atexit(clean_up);
	}
	if (file_fd >= 0)
		(void)close(file_fd);
	(void)snprintf(path, sizeof(path), "%s/tpm.permanent", dir);
	file_fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (file_fd < 0 || ftruncate(file_fd, FILE_SIZE) < 0)
		exit(1);
}

/* A checksum that fits, so that the input gets further than that. */
static void mend_slot(const uint8_t *header, uint8_t *slot)
{
	cleanup_free uint8_t *all = NULL;
	uint32_t len = get_be32(slot + 8);

	if (len > PART - STATE_SLOT_HEADER_SIZE)
		return;
	all = calloc(1, STATE_HEADER_SIZE + STATE_SLOT_AAD_SIZE + len);
	if (all == NULL)
		return;
	memcpy(all, header, STATE_HEADER_SIZE);
	memcpy(all + STATE_HEADER_SIZE, slot, STATE_SLOT_AAD_SIZE);
	memcpy(all + STATE_HEADER_SIZE + STATE_SLOT_AAD_SIZE, slot + STATE_SLOT_HEADER_SIZE, len);
	(void)EVP_Digest(all, STATE_HEADER_SIZE + STATE_SLOT_AAD_SIZE + len, slot + 48, NULL,
			 EVP_sha256(), NULL);
}

static struct state *open_it(void)
{
	cleanup_with(state_key_freep) struct state_key *key = NULL;
	struct state_options options = {
		.dir = dir, .version = TPM_VERSION_2, .uid = (uid_t)-1, .gid = (gid_t)-1
	};
	struct state *state = NULL;

	if (state_key_plain(&key, NULL) < 0)
		exit(1);
	options.key = key;
	return state_open(&options, &state, NULL) == 0 ? state : NULL;
}

static void use(struct state *state)
{
	struct tpm_storage storage = state_storage(state);
	cleanup_free uint8_t *data = NULL;
	struct state_info before, after;
	size_t len;

	if (storage.load(state, BLOB_PERMANENT, &data, &len) < 0 || len == 0)
		abort();
	state_get_info(state, &before);
	if (storage.store(state, BLOB_PERMANENT, data, len) < 0)
		abort();
	state_get_info(state, &after);
	if (after.generation != before.generation + 1)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t parts[1 + STATE_SLOTS][PART] = { 0 };
	struct state *state;

	memcpy(parts, data, size < sizeof(parts) ? size : sizeof(parts));
	(void)EVP_Digest(parts[0], 224, parts[0] + 224, NULL, EVP_sha256(), NULL);
	prepare();
	if (pwrite_all(file_fd, parts[0], PART, 0) < 0)
		return 0;
	for (unsigned int i = 0; i < STATE_SLOTS; i++) {
		mend_slot(parts[0], parts[i + 1]);
		if (pwrite_all(file_fd, parts[i + 1], PART,
			       (off_t)state_slot_offset(STATE_SLOT_MIN, i)) < 0)
			return 0;
	}
	state = open_it();
	if (state == NULL)
		return 0;
	use(state);
	state_close(state);
	state = open_it();
	if (state == NULL)
		abort();
	state_close(state);
	return 0;
}
