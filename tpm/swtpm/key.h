/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The key of swtpm's files, as swtpm takes it from a file or a password.
 */
#ifndef VTPM_TPM_SWTPM_KEY_H
#define VTPM_TPM_SWTPM_KEY_H

#include <stddef.h>

#include "util/secret.h"

struct error;

/* What swtpm takes as --key: aes-128-cbc or aes-256-cbc by the length. */
#define SWTPM_KEY_MAX 32

enum swtpm_kdf {
	SWTPM_PBKDF2, /* the default */
	SWTPM_SHA512,
};

/* A key of SIZE bytes, which is 16 or 32, from what swtpm's --key or --key pwdfile= reads. */
int swtpm_key_from_bytes(const struct secret *bytes, size_t size, struct secret **ret,
			 struct error *err);
int swtpm_key_from_password(const struct secret *password, size_t size, enum swtpm_kdf kdf,
			    struct secret **ret, struct error *err);

#endif
