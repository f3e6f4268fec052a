/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The certificates that a TPM 2.0 keeps in its NV indices.
 */
#ifndef VTPM_CERTS_SETUP_CERTIFICATES_H
#define VTPM_CERTS_SETUP_CERTIFICATES_H

#include <jansson.h>

#include "certs/factory/staging.h"

/*
 * Adds them to OUT as "certificates". Runs the TPM on STAGING, which is worth nothing afterwards.
 */
int setup_list_certificates(struct staging *staging, json_t *out, struct error *err);

#endif
