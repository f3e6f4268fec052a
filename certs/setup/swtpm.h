/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A state of swtpm's as the command line names it; for vtpm-setup import-swtpm and export-swtpm.
 */
#ifndef VTPM_CERTS_SETUP_SWTPM_H
#define VTPM_CERTS_SETUP_SWTPM_H

#include "certs/setup/setup.h"
#include "tpm/state/dir.h"
#include "util/secret.h"

struct swtpm_state {
	const char *dir;
	const char *key;
	const char *password;
	const char *kdf;
};

/* Rows of an option table whose configuration TYPE has a struct swtpm_state as FIELD. */
#define SWTPM_KEY_OPTIONS(type, field)                                                            \
	OPTION_STRING("swtpm-key", 0, "SPEC", "the key of swtpm's files", type, field.key),       \
		OPTION_STRING("swtpm-password", 0, "SPEC", "the password of swtpm's files", type, \
			      field.password),                                                    \
		OPTION_STRING("kdf", 0, "NAME", "of the password: pbkdf2 (default) or sha512",    \
			      type, field.kdf)

/* The key of SIZE bytes; NULL when none is named. */
int swtpm_state_key(const struct swtpm_state *swtpm, size_t size, struct secret **ret,
		    struct error *err);

/* Whether DIR has a permanent state of VERSION. */
bool swtpm_state_exists(const struct state_dir *dir, enum tpm_version version);

#endif
