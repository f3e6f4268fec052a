/* SPDX-License-Identifier: BSD-3-Clause */
#include "certs/factory/existing.h"

#include <string.h>

#include "certs/factory/commands_12.h"
#include "certs/factory/nv.h"

/* Whether there is an endorsement key's certificate, at any index that TCG defines. */
static bool has_certificate(const struct tpm_executor *executor, enum tpm_version version)
{
	uint32_t attributes;
	size_t size;

	if (version == TPM_VERSION_1_2)
		return tpm12_has_index(executor, TPM12_NV_EK_CERTIFICATE);
	for (int i = KEY_NONE + 1; i < KEY_TYPES; i++) {
		const struct key_type_info *info = key_type_info((enum key_type)i);

		if (nv_read_public(executor, info->ek_certificate, &attributes, &size, NULL) == 0)
			return true;
	}
	return false;
}

/* Whether the TPM has the banks that were asked for by name. */
static bool has_banks(const struct manufacture_options *options,
		      const struct tpm_executor *executor)
{
	struct pcr_banks active;

	if (options->banks.count == 0)
		return true;
	if (pcr_banks_get(executor, true, &active, NULL) < 0 ||
	    active.count != options->banks.count)
		return false;
	for (size_t i = 0; i < active.count; i++) {
		if (!pcr_banks_have(&options->banks, active.algorithms[i]))
			return false;
	}
	return true;
}

const char *existing_lacks(const struct manufacture_options *options,
			   const struct tpm_executor *executor)
{
	if (manufacture_wants_certificates(options) && !has_certificate(executor, options->version))
		return "certificates";
	return has_banks(options, executor) ? NULL : "these PCR banks";
}
