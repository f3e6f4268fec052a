/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a TPM is to leave the factory with.
 */
#ifndef VTPM_CERTS_FACTORY_OPTIONS_H
#define VTPM_CERTS_FACTORY_OPTIONS_H

#include "certs/ca/ca.h"
#include "certs/factory/pcr_banks.h"
#include "certs/x509/key_type.h"
#include "tpm/command.h"

struct error;

/* What to do if there is a TPM already. */
enum manufacture_existing {
	EXISTING_FAIL,    /* -EEXIST */
	EXISTING_KEEP,    /* nothing is done */
	EXISTING_REPLACE, /* the old TPM is lost */
};

/* There is at most one key of each type. */
#define EK_MAX (KEY_TYPES - 1)

/* All pointers are borrowed until manufacture() returns. */
struct manufacture_options {
	enum tpm_version version;
	enum manufacture_existing existing;
	enum key_type eks[EK_MAX + 1]; /* ends with KEY_NONE; TPM 1.2 has the one it has */
	enum key_type srk;             /* KEY_NONE: none is kept */
	enum key_type iak;
	enum key_type idevid;
	bool ek_may_sign;
	bool ek_may_decrypt; /* together with ek_may_sign */
	bool ek_certificates;
	bool platform_certificate;
	bool lock_nvram;
	const char *profile;    /* of a TPM 2.0, see tpm/profile.h; NULL: "null" */
	bool leave_pcr_banks;   /* as the TPM has them */
	struct pcr_banks banks; /* otherwise exactly these; none: SHA-256 */

	/* For certificates; NULL stands for a default. */
	const char *subject;          /* "unknown" */
	const char *tpm_manufacturer; /* what the TPM says, "id:49424D00" */
	const char *tpm_model;        /* "swtpm" */
	const char *platform_manufacturer;
	const char *platform_model;
	const char *platform_version;
	const char *certificate_dir; /* not NULL: a copy of each certificate goes there */
	struct ca_options ca;

	/* Called before each step; may be NULL. */
	void (*progress)(void *context, const char *step);
	void *progress_context;
};

/*
 * Adds to empty OPTIONS RSA 2048 and P-384 endorsement keys, their certificates and the platform's,
 * for a TPM 2.0.
 */
void manufacture_defaults(struct manufacture_options *options);

/* -EINVAL and a sentence: no TPM is like that. */
int manufacture_options_check(const struct manufacture_options *options, struct error *err);

bool manufacture_wants_certificates(const struct manufacture_options *options);

#endif
