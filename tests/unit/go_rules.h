/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What Go's crypto/x509 asks of a chain beyond what OpenSSL does, written down in C:
 * ParseCertificate and Certificate.Verify with KeyUsages: ExtKeyUsageAny, as tools that attest call
 * it.
 */
#ifndef VTPM_TESTS_UNIT_GO_RULES_H
#define VTPM_TESTS_UNIT_GO_RULES_H

#include "certs/x509/openssl.h"

/* The first rule that CHAIN (leaf first, root last) breaks, as Go would put it; NULL: none. */
const char *go_rules_broken(const STACK_OF(X509) * chain);

#endif
