/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * TPMT_PUBLIC templates of the keys a TPM 2.0 leaves the factory with, exactly as the TCG gives
 * them: whoever knows the template makes the same key again.
 */
#ifndef VTPM_CERTS_FACTORY_TEMPLATE_H
#define VTPM_CERTS_FACTORY_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "certs/x509/key_type.h"
#include "tpm/command.h"

enum key_role {
	ROLE_EK,     /* EK Credential Profile, templates L-1, L-2 and H-3 to H-7 */
	ROLE_SRK,    /* Provisioning Guidance: the EK's template with another purpose */
	ROLE_IAK,    /* TPM 2.0 Keys for Device Identity and Attestation */
	ROLE_IDEVID, /* likewise */
};

struct key_template {
	enum key_role role;
	enum key_type type;
	bool may_sign;    /* an EK that signs; no longer TCG's default template */
	bool may_decrypt; /* together with may_sign: an EK that does both */
};

#define TEMPLATE_MAX 1024

/* Writes the TPMT_PUBLIC and returns its length. */
size_t key_template_write(const struct key_template *template, uint8_t bytes[TEMPLATE_MAX]);

/* Appends the TPMT_PUBLIC_PARMS of the template: what TPM2_TestParms() is asked about. */
void key_template_put_parms(const struct key_template *template, struct tpm_command *command);

/* Whether the key needs its template in NV to be made again, as it is not TCG's. */
bool key_template_is_special(const struct key_template *template);

#endif
