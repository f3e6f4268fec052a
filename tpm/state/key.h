/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where the secret comes from that a state is sealed with: a password, a key, the host's own key,
 * or, for a plain state, nowhere.
 */
#ifndef VTPM_TPM_STATE_KEY_H
#define VTPM_TPM_STATE_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "util/cleanup.h"
#include "util/secret.h"

struct error;
struct state_key;

/* The numbers are those of the state's header. */
enum key_kind {
	KEY_PLAIN,
	KEY_PASSWORD,
	KEY_RAW,
	KEY_HOST,
	KEY_KINDS,
};

#define KEY_SIZE 32
#define PASSWORD_MAX 4096

#define HOST_KEY_PATH LOCALSTATEDIR "/lib/vtpm-cuse/host.key"

/* "plain", "password", "key", "host-key". */
const char *key_kind_name(enum key_kind kind);

/*
 * KEY_PASSWORD or KEY_RAW by SPEC: file=PATH, fd=N (read to its end and closed) or credential=NAME
 * (of $CREDENTIALS_DIRECTORY). A key is 32 bytes, or 64 hex digits with an optional 0x in front and
 * white space behind; a password is all bytes but one newline at the end.
 */
int state_key_from_spec(enum key_kind kind, const char *spec, struct state_key **ret,
			struct error *err);

/* As if a file had held these bytes; NAME is for the message. */
int state_key_from_bytes(enum key_kind kind, const void *bytes, size_t len, const char *name,
			 struct state_key **ret, struct error *err);

/* The key in the file PATH (NULL: HOST_KEY_PATH), which is not looked at before state_open(). */
int state_key_from_host(const char *path, struct state_key **ret, struct error *err);

/* By this call alone is a state plain. */
int state_key_plain(struct state_key **ret, struct error *err);

void state_key_free(struct state_key *key);
DEFINE_CLEANUP(struct state_key, state_key_free);

enum key_kind state_key_kind(const struct state_key *key);

/*
 * A copy of the secret: a password's bytes or KEY_SIZE bytes; NULL for KEY_PLAIN. A host key that
 * is missing is made when MAY_MAKE: by any number of processes at once, they all get the same one.
 */
int state_key_get(const struct state_key *key, bool may_make, struct secret **ret,
		  struct error *err);

#endif
