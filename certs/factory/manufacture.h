/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A new TPM as it leaves the factory: keys, certificates, PCR banks; all of it or nothing.
 */
#ifndef VTPM_CERTS_FACTORY_MANUFACTURE_H
#define VTPM_CERTS_FACTORY_MANUFACTURE_H

#include "certs/ca/ca.h"
#include "certs/ca/issuer.h"
#include "certs/x509/key_type.h"
#include "certs/factory/pcr_banks.h"
#include "certs/factory/template.h"
#include "tpm/tpm.h"

struct error;

/* What is there already. */
enum manufacture_existing {
	EXISTING_FAIL,    /* -EEXIST */
	EXISTING_KEEP,    /* nothing is done */
	EXISTING_REPLACE, /* the old TPM is lost */
};

/* More than one key of each type at each place there is none. */
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
	const char *ca_command; /* not NULL: asked instead of a CA of ours */
	unsigned int ca_timeout_ms;

	/* Called before each step; may be NULL. */
	void (*progress)(void *context, const char *step);
	void *progress_context;
};

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

/* RSA 2048 and P-384 endorsement keys, their certificates and the platform's, for a TPM 2.0. */
void manufacture_defaults(struct manufacture_options *options);

/*
 * Manufactures the TPM in memory, in this process, which must have no other TPM running, and puts
 * it into STORAGE with one call of its replace(). When it fails, STORAGE is as it was, unless
 * result->made: then only the copies of the certificates are missing. -EINVAL, -ENOTSUP: OPTIONS
 * ask for what no TPM, or not this one, has. RESULT must be zeroed, and is for
 * manufacture_result_done() whatever is returned.
 */
int manufacture(const struct manufacture_options *options, const struct tpm_storage *storage,
		struct manufacture_result *result, struct error *err);

void manufacture_result_done(struct manufacture_result *result);

/* The result as JSON, as vtpm-setup(8) describes it; the caller frees it. */
int manufacture_result_json(const struct manufacture_result *result, char **ret, struct error *err);

#endif
