/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"
#include "tests/unit/state_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/scratch.h"
#include "util/lock_file.h"

char fixture_dir[200], fixture_file[250];
struct state_options fixture_options;
struct state_key *fixture_keys[KEY_KINDS];
unsigned int fixture_waits;

static void count_wait(void *context)
{
	(void)context;
	fixture_waits++;
}

void fixture_make_keys(void)
{
	uint8_t raw[KEY_SIZE] = { 0xff };

	assert_int_equal(state_key_plain(&fixture_keys[KEY_PLAIN], NULL), 0);
	assert_int_equal(state_key_from_bytes(KEY_PASSWORD, "secret", 6, "x",
					      &fixture_keys[KEY_PASSWORD], NULL),
			 0);
	assert_int_equal(
		state_key_from_bytes(KEY_RAW, raw, KEY_SIZE, "x", &fixture_keys[KEY_RAW], NULL), 0);
	assert_int_equal(
		state_key_from_host(scratch_path("host/host.key"), &fixture_keys[KEY_HOST], NULL),
		0);
	fixture_options.key = fixture_keys[KEY_RAW];
}

int fixture_set_up(void **state)
{
	(void)state;
	(void)scratch_make();
	(void)snprintf(fixture_dir, sizeof(fixture_dir), "%s", scratch_path("tpm"));
	(void)snprintf(fixture_file, sizeof(fixture_file), "%s/tpm.permanent", fixture_dir);
	fixture_options = (struct state_options){
		.dir = fixture_dir,
		.version = TPM_VERSION_2,
		.sync = true,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
		.before_wait = count_wait,
	};
	fixture_make_keys();
	fixture_waits = 0;
	return 0;
}

int fixture_tear_down(void **state)
{
	(void)state;
	for (int i = 0; i < KEY_KINDS; i++)
		state_key_free(take_ptr(fixture_keys[i]));
	scratch_remove();
	return 0;
}

/* A blob that is told apart from any other. */
uint8_t *fixture_blob(uint8_t number, size_t len)
{
	uint8_t *data = malloc(len);

	assert_non_null(data);
	for (size_t i = 0; i < len; i++)
		data[i] = (uint8_t)(number * 31 + i * 7 + (i >> 8));
	return data;
}

int fixture_store(struct state *state, uint8_t number, size_t len)
{
	cleanup_free uint8_t *data = fixture_blob(number, len);
	struct tpm_storage storage = state_storage(state);

	return storage.store(storage.context, BLOB_PERMANENT, data, len);
}

bool fixture_holds(struct state *state, uint8_t number, size_t len)
{
	cleanup_free uint8_t *expected = fixture_blob(number, len), *data = NULL;
	struct tpm_storage storage = state_storage(state);
	size_t got = 0;

	assert_int_equal(storage.load(storage.context, BLOB_PERMANENT, &data, &got), 0);
	return got == len && memcmp(data, expected, len) == 0;
}

struct state *fixture_open(void)
{
	struct state *state = NULL;
	struct error err = { "" };

	if (state_open(&fixture_options, &state, &err) < 0)
		fail_msg("%s", err.text);
	return state;
}

/* Writes "DIR" for the directory's name. */
void fixture_shorten(const char *text, char *out)
{
	const char *found;

	while ((found = strstr(text, fixture_dir)) != NULL) {
		out = mempcpy(out, text, (size_t)(found - text));
		out = mempcpy(out, "DIR", 3);
		text = found + strlen(fixture_dir);
	}
	(void)strcpy(out, text);
}

void fixture_refused(int r, const char *text)
{
	struct state *state = NULL;
	struct error err = { "" };
	char got[256];

	assert_int_equal(state_open(&fixture_options, &state, &err), r);
	assert_null(state);
	fixture_shorten(err.text, got);
	assert_string_equal(got, text);
}

/* Some file systems have another number in the list of locks: nobody is named then. */
static bool is_told(const char *path, pid_t holder)
{
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd >= 0 && lock_file_holder(fd) == holder;
}

void fixture_in_use(pid_t holder)
{
	char text[96] = "DIR is in use by another process: see vtpm-ctl list";

	if (is_told(fixture_dir, holder) || is_told(scratch_path("tpm/.lock"), holder))
		(void)snprintf(text, sizeof(text), "DIR is in use by process %d: see vtpm-ctl list",
			       (int)holder);
	fixture_refused(-EBUSY, text);
}

/* A directory with two generations of blobs of LEN bytes. */
void fixture_fill(size_t len)
{
	cleanup_with(state_closep) struct state *state = fixture_open();

	assert_int_equal(fixture_store(state, 1, len), 0);
	assert_int_equal(fixture_store(state, 2, len), 0);
}
