/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vtpm-setup: one subcommand per file, each with its table of options.
 */
#ifndef VTPM_CERTS_SETUP_SETUP_H
#define VTPM_CERTS_SETUP_SETUP_H

#include <stdbool.h>
#include <stddef.h>

#include "tpm/blobs.h"
#include <jansson.h>

#include "tpm/state/state.h"
#include "util/options.h"

/*
 * ARGV[0] is the subcommand's name. The errno decides on the exit status; -EINVAL is a mistake on
 * the command line.
 */
struct setup_command {
	const char *name;
	const char *help;
	int (*run)(int argc, char **argv, struct error *err);
};

int setup_manufacture(int argc, char **argv, struct error *err);
int setup_chown(int argc, char **argv, struct error *err);
int setup_ca(int argc, char **argv, struct error *err);
int setup_show(int argc, char **argv, struct error *err);
int setup_verify(int argc, char **argv, struct error *err);
int setup_rekey(int argc, char **argv, struct error *err);
int setup_backup(int argc, char **argv, struct error *err);
int setup_restore(int argc, char **argv, struct error *err);
int setup_import_swtpm(int argc, char **argv, struct error *err);
int setup_export_swtpm(int argc, char **argv, struct error *err);

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
	bool help;
};

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

/*
 * Reads the command line of a subcommand without operands into CONFIG, whose struct setup_state is
 * STATE. 1: --help was asked for and answered.
 */
int setup_parse(const struct option_spec *specs, int argc, char **argv, void *config,
		const struct setup_state *state, const char *about, struct error *err);

bool setup_key_is_named(const struct setup_key *named);

/* The host key when none is named; -EINVAL when several are. */
int setup_key_take(const struct setup_key *named, struct state_key **ret, struct error *err);

/*
 * Options to open the directory with: what is made there belongs to who the directory belongs to.
 * KEY is borrowed.
 */
struct state_options setup_options(const struct setup_state *state, const struct state_key *key,
				   enum tpm_version version);

/* Opens a directory that has a TPM, to read it: nothing in it changes. */
int setup_open_to_read(const struct setup_state *state, struct state **ret, struct error *err);

/* Opens a directory that has a TPM. */
int setup_open(const struct setup_state *state, struct state **ret, struct error *err);

/* Copies all there is in STATE to memory. */
int setup_load(struct state *state, struct tpm_blobs *blobs, struct error *err);

/*
 * Adds to OUT, as "certificates", those that a TPM 2.0 keeps in its NV indices. Runs the TPM on
 * BLOBS, which are worth nothing afterwards.
 */
int setup_list_certificates(struct tpm_blobs *blobs, json_t *out, struct error *err);

/* Makes PATH, which must not be there, with mode 0600; it is on disk when this returns. */
int setup_write_file(const char *path, const void *data, size_t len, struct error *err);

#endif
