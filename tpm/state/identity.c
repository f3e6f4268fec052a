/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/state/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "tpm/state/file.h"
#include "util/bytes.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/file.h"

#define IDENTITY_NAME "tpm.identity"
#define IDENTITY_MAX 128

static void describe(const struct state_header *header, char text[static IDENTITY_MAX])
{
	char id[2 * STATE_ID_SIZE + 1];

	hex_encode(header->id, STATE_ID_SIZE, id);
	(void)snprintf(text, IDENTITY_MAX, "id %s\nencryption %s\n", id,
		       key_kind_name(header->key));
}

static bool exists(const struct state_dir *dir, const char *name)
{
	struct stat st;

	return fstatat(dir->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
}

/* Names a file that only a directory with a TPM has; NULL: none is there. */
static const char *find_trace(const struct state_dir *dir)
{
	static const char *const traces[] = { IDENTITY_NAME, "tpm.savestate", "tpm.volatile",
					      "tpm2-00.permall", "tpm-00.permall" };

	for (size_t i = 0; i < sizeof(traces) / sizeof(traces[0]); i++) {
		if (exists(dir, traces[i]))
			return traces[i];
	}
	return NULL;
}

/* What cannot be read was encrypted. */
static bool was_encrypted(const struct state_dir *dir)
{
	cleanup_free char *text = NULL;
	int r = read_file(dir->fd, IDENTITY_NAME, IDENTITY_MAX, &text, NULL);

	if (r == -ENOENT)
		return false;
	return r < 0 || strstr(text, "\nencryption plain\n") == NULL;
}

/* 1: DIR remembers the TPM with ID; 0: another one; -ENOENT: none. */
static int remembers(const struct state_dir *dir, const uint8_t *id)
{
	char hex[2 * STATE_ID_SIZE + 1];
	cleanup_free char *text = NULL;
	int r = read_file(dir->fd, IDENTITY_NAME, IDENTITY_MAX, &text, NULL);

	hex_encode(id, STATE_ID_SIZE, hex);
	return r < 0 ? r : strstr(text, hex) != NULL;
}

int identity_check(const struct state_dir *dir, enum key_kind kind, bool new_identity,
		   const uint8_t *id, struct error *err)
{
	const char *trace = find_trace(dir);
	int r = id != NULL ? remembers(dir, id) : 0;

	if (trace == NULL)
		return 0;
	if (id != NULL && !new_identity && r != 1 && r != -ENOENT)
		return error_say(err, ESTALE, "%s held another TPM", dir->path);
	if (id != NULL)
		new_identity = true;
	if (!new_identity && strstr(trace, "permall") != NULL)
		return error_say(err, ESTALE,
				 "%s holds the state of swtpm, %s: import it, or make a new TPM "
				 "with --new-identity",
				 dir->path, trace);
	if (!new_identity)
		return error_say(err, ESTALE,
				 "%s has %s but no %s: put it back, or make a new TPM with "
				 "--new-identity",
				 dir->path, trace, state_file_name(BLOB_PERMANENT));
	if (kind == KEY_PLAIN && was_encrypted(dir))
		return error_say(err, EKEYREJECTED,
				 "%s held an encrypted TPM, which a plain one does not replace",
				 dir->path);
	return 0;
}

int identity_compare(const struct state_dir *dir, const struct state_header *header,
		     struct error *err)
{
	int r = remembers(dir, header->id);

	if (r == 1 || r == -ENOENT)
		return 0;
	if (r < 0)
		return error_set(err, -r, "read %s/" IDENTITY_NAME, dir->path);
	return error_say(err, ESTALE,
			 "%s/%s is of another TPM than the directory's: put its own back, or "
			 "accept the other one with --new-identity",
			 dir->path, state_file_name(BLOB_PERMANENT));
}

bool identity_exists(const struct state_dir *dir)
{
	return exists(dir, IDENTITY_NAME);
}

bool identity_is_kept(const struct state_dir *dir, const struct state_header *header)
{
	cleanup_free char *text = NULL;
	char expected[IDENTITY_MAX];

	describe(header, expected);
	return read_file(dir->fd, IDENTITY_NAME, IDENTITY_MAX, &text, NULL) == 0 &&
	       strcmp(text, expected) == 0;
}

int identity_keep(const struct state_dir *dir, const struct state_header *header, struct error *err)
{
	char text[IDENTITY_MAX];

	describe(header, text);
	return state_dir_write(dir, IDENTITY_NAME, text, strlen(text), err);
}
