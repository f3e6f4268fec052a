/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The certificates that a TPM 2.0 keeps in its NV indices.
 */
#ifndef VTPM_CERTS_SETUP_CERTIFICATES_H
#define VTPM_CERTS_SETUP_CERTIFICATES_H

#include <jansson.h>

#include "tpm/blobs.h"

struct error;

/*
 * Adds them to OUT as "certificates". Runs the TPM on BLOBS, which is worth nothing afterwards.
 */
int setup_list_certificates(struct tpm_blobs *blobs, json_t *out, struct error *err);

#endif
