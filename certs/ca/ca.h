/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The CA that signs the certificates of TPMs: one of this host's own (a root and an issuing CA in a
 * directory, made on first use), any other key with its certificate, or a program that is asked.
 */
#ifndef VTPM_CERTS_CA_CA_H
#define VTPM_CERTS_CA_CA_H

#include "certs/x509/key_type.h"
#include "certs/x509/openssl.h"
#include "certs/x509/tpm_certificate.h"

struct ca;
struct error;
struct secret;

#define CA_DEFAULT_DIR LOCALSTATEDIR "/lib/vtpm-cuse/ca"
#define CA_DEFAULT_NAME "vTPM"

struct ca_options {
	const char *dir;        /* of the local CA; NULL: CA_DEFAULT_DIR */
	enum key_type key_type; /* of a local CA when it is made; KEY_NONE: P-384 */
	const char *name;       /* likewise, in its subjects; NULL: CA_DEFAULT_NAME */
	const char *key_uri;    /* not NULL: an issuing key elsewhere instead of a local CA */
	const char *chain_file; /* its certificate and those above it, PEM */
	const struct secret *password; /* of the key elsewhere; borrowed */
	struct certificate_urls urls;  /* borrowed as long as the CA is open */
	const char *command;     /* not NULL: is asked instead of all these; borrowed likewise */
	unsigned int timeout_ms; /* of the command; 0: a minute */
};

/*
 * Opens the CA. A missing local one is made, under a lock: any number of processes and threads may
 * try at once, and all get the same. Nothing existing is overwritten; a CA whose making was
 * interrupted is completed. -EKEYEXPIRED: now is outside the dates of a certificate.
 */
int ca_open(const struct ca_options *options, struct ca **ret, struct error *err);

/*
 * As ca_open() of a local CA, but -ENOENT when there is none. Accepts a CA that no verifier would
 * accept, such as an expired one, so that it can be shown.
 */
int ca_open_existing(const struct ca_options *options, struct ca **ret, struct error *err);

/* The directory of the local CA. */
const char *ca_path(const struct ca_options *options);

void ca_close(struct ca *ca);
DEFINE_CLEANUP(struct ca, ca_close);

int ca_issue(const struct ca *ca, const struct certificate_request *request, X509 **ret,
	     struct error *err);

/* The issuing CA's certificate first, the root's last; borrowed. NULL when a command is the CA. */
const STACK_OF(X509) * ca_chain(const struct ca *ca);

#endif
