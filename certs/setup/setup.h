/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vtpm-setup: one subcommand per file, each with its table of options.
 */
#ifndef VTPM_CERTS_SETUP_SETUP_H
#define VTPM_CERTS_SETUP_SETUP_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "tpm/blobs.h"
#include "tpm/state/state.h"
#include "util/options.h"

/* A key as the command line names it; all NULL and false: none is named. */
struct setup_key {
	const char *key;
	const char *password;
	const char *host_key; /* its path; "" for the default */
	bool plain;
};

/* What every subcommand has to know. */
struct setup_state {
	const char *dir;
	struct setup_key key;
	char **operands; /* the words that the command wants */
	bool help;
};

/*
 * One subcommand. Its configuration has SIZE bytes, zeroed, and begins with a struct setup_state.
 * The errno of RUN decides on the exit status; -EINVAL is a mistake on the command line.
 */
struct setup_command {
	const char *name;
	const char *about;
	const struct option_spec *specs;
	size_t size;
	int (*run)(const void *config, struct error *err);
	/* NULL: it works on a --state; else the words that it wants, and the sentence without. */
	const char *operands, *missing;
	int operand_count;
	const char *details; /* NULL: ABOUT says all */
};

extern const struct setup_command setup_manufacture, setup_ca, setup_show, setup_verify,
	setup_rekey, setup_chown, setup_backup, setup_restore, setup_import_swtpm,
	setup_export_swtpm;

/* Rows of an option table whose configuration TYPE has a struct setup_state as FIELD. */
#define SETUP_STATE_OPTIONS(type, field)                                                      \
	OPTION_STRING("state", 's', "DIR", "the TPM's state directory", type, field.dir),     \
		OPTION_STRING("key", 0, "SPEC", "the state's key", type, field.key.key),      \
		OPTION_STRING("password", 0, "SPEC", "the state's password", type,            \
			      field.key.password),                                            \
		OPTION_STRING("host-key", 0, "[=FILE]",                                       \
			      "the state has the host key (default), in FILE", type,          \
			      field.key.host_key),                                            \
		OPTION_FLAG("plain", 0, "the state is not encrypted", type, field.key.plain), \
		OPTION_FLAG("help", 'h', "print this and exit", type, field.help)

bool setup_key_is_named(const struct setup_key *named);

/* The host key when none is named; -EINVAL when several are. */
int setup_key_take(const struct setup_key *named, struct state_key **ret, struct error *err);

/*
 * Options to open the directory with: what is made there belongs to who the directory belongs to.
 * KEY is borrowed.
 */
struct state_options setup_options(const struct setup_state *state, const struct state_key *key,
				   enum tpm_version version);

/* Opens a directory that has a TPM; READ_ONLY: nothing in it changes. */
int setup_open(const struct setup_state *state, bool read_only, struct state **ret,
	       struct error *err);

/* Copies all there is in STATE to memory. */
int setup_load(struct state *state, struct tpm_blobs *blobs, struct error *err);

/*
 * Adds to OUT, as "certificates", those that a TPM 2.0 keeps in its NV indices. Runs the TPM on
 * BLOBS, which are worth nothing afterwards.
 */
int setup_list_certificates(struct tpm_blobs *blobs, json_t *out, struct error *err);

#endif
