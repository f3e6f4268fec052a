/* SPDX-License-Identifier: BSD-3-Clause */
/* What a TPM says it is. */
#include "certs/factory/job.h"

#include <errno.h>
#include <stdio.h>

#include "tpm/tcg.h"
#include "util/error.h"

/* TPM 1.2 Part 2, 21.1 and 21.6: TPM_CAP_VERSION_VAL and its structure's tag. */
#define TPM12_CAP_VERSION_VAL 0x1a
#define TPM12_TAG_CAP_VERSION_INFO 0x0030

static void set_id(char text[16], uint32_t value)
{
	(void)snprintf(text, 16, "id:%08X", value);
}

static int get_property(const struct tpm_executor *executor, uint32_t property, uint32_t *ret,
			struct error *err)
{
	struct tpm_answer answer;
	uint32_t count, which;
	int r = tpm_get_capability(executor, TPM2_CAP_TPM_PROPERTIES, property, 1, &answer, err);

	if (r < 0)
		return r;
	count = tpm_get_u32(&answer.body);
	which = tpm_get_u32(&answer.body);
	*ret = tpm_get_u32(&answer.body);
	if (count != 1 || which != property || answer.body.truncated)
		return tpm_answer_malformed("TPM2_GetCapability", err);
	return 0;
}

static int get_attributes_2(const struct tpm_executor *executor, struct tpm_attributes *ret,
			    struct error *err)
{
	static const uint32_t properties[] = { TPM2_PT_FAMILY_INDICATOR, TPM2_PT_LEVEL,
					       TPM2_PT_REVISION, TPM2_PT_MANUFACTURER,
					       TPM2_PT_FIRMWARE_VERSION_1 };
	uint32_t values[5];

	for (size_t i = 0; i < 5; i++) {
		int r = get_property(executor, properties[i], &values[i], err);

		if (r < 0)
			return r;
	}
	if (values[0] != TPM2_SPEC_FAMILY)
		return error_say(err, EBADMSG, "this TPM is not of the 2.0 family");
	(void)snprintf(ret->family, sizeof(ret->family), "2.0");
	ret->level = values[1];
	ret->revision = values[2];
	set_id(ret->manufacturer, values[3]);
	set_id(ret->firmware, values[4]);
	return 0;
}

static int get_attributes_12(const struct tpm_executor *executor, struct tpm_attributes *ret,
			     struct error *err)
{
	struct tpm_command command;
	struct tpm_answer answer;
	uint16_t tag;
	uint32_t version;
	int r;

	tpm_command_begin(&command, TPM12_TAG_RQU_COMMAND, TPM12_ORD_GetCapability);
	tpm_put_u32(&command, TPM12_CAP_VERSION_VAL);
	tpm_put_u32(&command, 0);
	r = tpm_exchange(executor, &command, "TPM_GetCapability", &answer, err);
	if (r < 0)
		return r;

	(void)tpm_get_u32(&answer.body); /* size of what follows */
	tag = tpm_get_u16(&answer.body);
	version = tpm_get_u32(&answer.body); /* major, minor, and the TPM's own two */
	ret->level = tpm_get_u16(&answer.body);
	(void)tpm_get_u8(&answer.body); /* errata */
	set_id(ret->manufacturer, tpm_get_u32(&answer.body));
	if (tag != TPM12_TAG_CAP_VERSION_INFO || answer.body.truncated)
		return tpm_answer_malformed("TPM_GetCapability", err);
	/* The profile has 16 bits for each of the two; the TPM has 8. */
	set_id(ret->firmware, (version & 0xff00) << 8 | (version & 0xff));
	(void)snprintf(ret->family, sizeof(ret->family), "1.2");
	ret->revision = 116; /* the last of level 2; TPM 1.2 has no way to ask for it */
	return 0;
}

int tpm_attributes_get(const struct tpm_executor *executor, enum tpm_version version,
		       struct tpm_attributes *ret, struct error *err)
{
	*ret = (struct tpm_attributes){ .version = version };
	if (version == TPM_VERSION_1_2)
		return get_attributes_12(executor, ret, err);
	return get_attributes_2(executor, ret, err);
}
