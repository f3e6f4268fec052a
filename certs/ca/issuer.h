/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whoever turns a request into a certificate: a CA of ours or somebody else's command.
 */
#ifndef VTPM_CERTS_CA_ISSUER_H
#define VTPM_CERTS_CA_ISSUER_H

#include "certs/x509/tpm_certificate.h"

struct error;

struct issuer {
	int (*issue)(void *context, const struct certificate_request *request, X509 **ret,
		     struct error *err);
	void *context;
};

#endif
