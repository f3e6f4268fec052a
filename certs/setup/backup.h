/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The file of a backup as the command line names it; for vtpm-setup backup and restore.
 */
#ifndef VTPM_CERTS_SETUP_BACKUP_H
#define VTPM_CERTS_SETUP_BACKUP_H

#include "certs/setup/setup.h"

struct backup_file {
	const char *path;
	struct setup_key key;
};

/* Rows of an option table whose configuration TYPE has a struct backup_file as FIELD. */
#define BACKUP_KEY_OPTIONS(type, field)                                                  \
	OPTION_STRING("backup-key", 0, "SPEC", "the file's key", type, field.key.key),   \
		OPTION_STRING("backup-password", 0, "SPEC", "the file's password", type, \
			      field.key.password),                                       \
		OPTION_FLAG("backup-plain", 0, "the file is not encrypted", type, field.key.plain)

/* -EINVAL when the file or its key is not named. */
int backup_file_key(const struct backup_file *file, struct state_key **ret, struct error *err);

#endif
