/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A CA that is somebody else's program: a request as JSON on its standard input, a certificate on
 * its standard output. The protocol is vtpm-ca-command(7).
 */
#ifndef VTPM_CERTS_CA_EXTERNAL_H
#define VTPM_CERTS_CA_EXTERNAL_H

#include "certs/x509/tpm_certificate.h"

struct error;

#define EXTERNAL_CA_ANSWER_MAX 65536
#define EXTERNAL_CA_TIMEOUT_MS 60000

/* PROGRAM is an absolute path; TIMEOUT_MS 0: EXTERNAL_CA_TIMEOUT_MS. */
int external_ca_issue(const char *program, unsigned int timeout_ms,
		      const struct certificate_request *request, X509 **ret, struct error *err);

/* The request as the program gets it; the caller frees it. */
int external_ca_request(const struct certificate_request *request, char **ret, struct error *err);

/*
 * The first certificate of a PEM answer, or the one that a DER answer is, without anything behind
 * it. -EPROTO: it is neither.
 */
int external_ca_parse(const uint8_t *answer, size_t len, X509 **ret, struct error *err);

#endif
