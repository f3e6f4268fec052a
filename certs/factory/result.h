/* SPDX-License-Identifier: BSD-3-Clause */
/* What was made: the result of manufacturing a TPM. */
#ifndef VTPM_CERTS_FACTORY_RESULT_H
#define VTPM_CERTS_FACTORY_RESULT_H

#include "certs/factory/pcr_banks.h"
#include "certs/factory/template.h"
#include "certs/x509/tpm_certificate.h"

#define MADE_MAX 16

struct made_key {
	enum key_role role;
	enum key_type type;
	uint32_t handle;         /* 0: a TPM 1.2's EK, which has none */
	uint32_t template_index; /* 0: the template is TCG's own */
};

struct made_certificate {
	enum certificate_kind kind;
	enum key_type type; /* of the key it is for */
	uint32_t index;
	X509 *certificate;
	char *path; /* of the copy; NULL: none was asked for */
};

struct manufacture_result {
	bool kept; /* there was a TPM already, and it is as it was */
	bool made; /* the new TPM is in the storage */
	struct tpm_attributes tpm;
	struct pcr_banks banks; /* active from the next start on */
	bool nvram_locked;
	struct made_key keys[MADE_MAX];
	size_t keys_count;
	struct made_certificate certificates[MADE_MAX];
	size_t certificates_count;
};

void manufacture_result_done(struct manufacture_result *result);

/* Copies each certificate to a file of DIR, which is made when it is missing, and notes its path.
 */
int manufacture_result_write(struct manufacture_result *result, const char *dir, struct error *err);

/* The result as JSON, as vtpm-setup(8) describes it; the caller frees it. */
int manufacture_result_json(const struct manufacture_result *result, char **ret, struct error *err);

#endif
