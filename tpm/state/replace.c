/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/state/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "tpm/state/blob.h"
#include "util/file.h"

#define MARKER "tpm.replacing"
#define MARKER_MAX 32

static const enum tpm_blob others[] = { BLOB_VOLATILE, BLOB_SAVESTATE };
#define OTHERS (sizeof(others) / sizeof(others[0]))

static bool has_others(const struct state *state)
{
	for (size_t i = 0; i < OTHERS; i++) {
		if (faccessat(state->dir.fd, state_file_name(others[i]), F_OK,
			      AT_SYMLINK_NOFOLLOW) == 0)
			return true;
	}
	return false;
}

static uint64_t generation(const struct state *state)
{
	const struct state_file *file = state->files[BLOB_PERMANENT];

	return file != NULL ? state_file_generation(file) : 0;
}

static int mark(struct state *state)
{
	char text[MARKER_MAX];
	int len = snprintf(text, sizeof(text), "%llu\n", (unsigned long long)generation(state));

	return state_dir_write(&state->dir, MARKER, text, (size_t)len, &state->last_error);
}

static int finish(struct state *state, bool replaced)
{
	int r = 0;

	for (size_t i = 0; replaced && r == 0 && i < OTHERS; i++)
		r = state_blob_remove(state, others[i]);
	if (r == 0 && unlinkat(state->dir.fd, MARKER, 0) < 0 && errno != ENOENT)
		r = error_set(&state->last_error, errno, "remove %s/" MARKER, state->dir.path);
	return r;
}

int state_replace(void *context, const uint8_t *data, size_t len)
{
	struct state *state = context;
	const bool marked = has_others(state);
	int r = marked ? mark(state) : 0;

	if (r == 0)
		r = state_blob_store(state, BLOB_PERMANENT, data, len);
	/* After an error nobody knows what is on disk: whoever opens it next sees, and finishes. */
	if (r == 0 && marked && finish(state, true) < 0)
		state->last_error.text[0] = '\0';
	return r;
}

int state_finish_replacing(struct state *state, struct error *err)
{
	cleanup_free char *text = NULL;
	int r = read_file(state->dir.fd, MARKER, MARKER_MAX, &text, NULL);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return error_set(err, -r, "read %s/" MARKER, state->dir.path);
	r = finish(state, strtoull(text, NULL, 10) != generation(state));
	return r < 0 ? error_say(err, -r, "%s", state->last_error.text) : 0;
}
