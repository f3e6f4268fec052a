/* SPDX-License-Identifier: BSD-3-Clause */
/* The settings of manufacturing as options of a command line, for each program that has them. */
#ifndef VTPM_CERTS_FACTORY_SETTINGS_H
#define VTPM_CERTS_FACTORY_SETTINGS_H

#include "certs/factory/options.h"
#include "util/options.h"
#include "util/secret.h"

/* Values as given, each borrowed; NULL: not given. */
struct manufacture_settings {
	const char *ek;          /* "rsa2048,ecc_nist_p384" (the default), or "none" */
	const char *certs;       /* "ek,platform" (the default), or "none" */
	const char *pcr_banks;   /* "sha256" (the default), or "-" to leave them */
	const char *spk;         /* a type, "" for rsa2048 */
	const char *iak_idevid;  /* a type for both, "" for ecc_nist_p384 */
	const char *ca_password; /* file=PATH, fd=N or credential=NAME */
	const char *ca_timeout;  /* in seconds */
	bool overwrite, not_overwrite;
	struct manufacture_options given; /* what needs no reading; all else is empty */
};

/* Rows of an option table whose configuration TYPE has a struct manufacture_settings as FIELD. */
#define MANUFACTURE_CA_OPTIONS(type, field)                                                     \
	OPTION_STRING("ca-dir", 0, "DIR", "the CA of this host is in DIR", type,                \
		      field.given.ca.dir),                                                      \
		OPTION_STRING("ca-key", 0, "URI", "sign with this key instead", type,           \
			      field.given.ca.key_uri),                                          \
		OPTION_STRING("ca-cert", 0, "FILE", "the certificate of --ca-key", type,        \
			      field.given.ca.chain_file),                                       \
		OPTION_STRING("ca-password", 0, "SPEC", "the password of --ca-key", type,       \
			      field.ca_password),                                               \
		OPTION_STRING("ca-command", 0, "PROGRAM", "ask PROGRAM for certificates", type, \
			      field.given.ca.command),                                          \
		OPTION_STRING("ca-timeout", 0, "SECONDS", "how long it may take (default 60)",  \
			      type, field.ca_timeout),                                          \
		OPTION_STRING("crl-url", 0, "URL", "where the CA's CRL is", type,               \
			      field.given.ca.urls.crl),                                         \
		OPTION_STRING("issuer-url", 0, "URL", "where the CA's certificate is", type,    \
			      field.given.ca.urls.issuer)

/*
 * Fills OPTIONS for a TPM of VERSION; they borrow what SETTINGS do. *PASSWORD gets the CA key's
 * password, which OPTIONS borrow and the caller frees after manufacture(); NULL: there is none.
 * PASSWORD NULL: only checks, and neither reads the password nor looks for a program. -EINVAL and a
 * sentence that begins with the option.
 */
int manufacture_settings_read(const struct manufacture_settings *settings, enum tpm_version version,
			      struct manufacture_options *options, struct secret **password,
			      struct error *err);

#endif
