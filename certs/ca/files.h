/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The files of a local CA's directory. Refuses files that others could have put there or read:
 * -EPERM, with a sentence that names the file and the reason.
 */
#ifndef VTPM_CERTS_CA_FILES_H
#define VTPM_CERTS_CA_FILES_H

#include "certs/x509/openssl.h"

struct error;

/* MAY_MAKE: a directory that is missing is made, with 0700; otherwise it is -ENOENT. */
int ca_files_open(const char *path, bool may_make, int *ret, struct error *err);

/* Removes what a killed writer has left; the caller has the lock. */
int ca_files_sweep(int dir_fd, struct error *err);

bool ca_files_have(int dir_fd, const char *name);

/* 0 also when NAME is not there. */
int ca_files_check_key(int dir_fd, const char *name, struct error *err);

int ca_files_read_key(int dir_fd, const char *name, EVP_PKEY **ret, struct error *err);
int ca_files_read_certificate(int dir_fd, const char *name, X509 **ret, struct error *err);

/* Whole or not at all; -EEXIST when NAME is there. */
int ca_files_write_key(int dir_fd, const char *name, const EVP_PKEY *key, struct error *err);
int ca_files_write_certificate(int dir_fd, const char *name, X509 *certificate, struct error *err);

#endif
