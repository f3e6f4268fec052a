/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A local CA's directory: root-key.pem, root-cert.pem, issuing-key.pem, issuing-cert.pem, made in
 * this order. The last one says that all is there; the root's key may then be taken away.
 */
#ifndef VTPM_CERTS_CA_DIR_H
#define VTPM_CERTS_CA_DIR_H

#include "certs/x509/key_type.h"
#include "certs/x509/openssl.h"

struct error;

struct ca_dir_options {
	const char *path;
	enum key_type key_type; /* of keys that are made */
	const char *name;       /* in subjects that are made: 1 to 40 bytes */
	bool may_make;
};

/*
 * *KEY is the issuing key; *CHAIN has the issuing CA's certificate and the root's. -ENOENT: nothing
 * is there and nothing may be made. -EPERM: somebody else could have changed the directory, or read
 * a key.
 */
int ca_dir_load(const struct ca_dir_options *options, EVP_PKEY **key, STACK_OF(X509) * *chain,
		struct error *err);

/* The file of the chain's INDEX-th certificate. */
const char *ca_dir_certificate_file(int index);

#endif
