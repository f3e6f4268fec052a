/* SPDX-License-Identifier: BSD-3-Clause */
#include "certs/factory/pcr_banks.h"

#include <errno.h>
#include <string.h>

#include "tpm/exchange.h"
#include "tpm/tcg.h"
#include "util/error.h"

/* A bitmap of 24 PCRs, as the PC Client profile has them. */
#define PCR_SELECT_SIZE 3

static const struct {
	const char *name;
	uint16_t algorithm;
} bank_names[] = {
	{ "sha1", TPM2_ALG_SHA1 },         { "sha256", TPM2_ALG_SHA256 },
	{ "sha384", TPM2_ALG_SHA384 },     { "sha512", TPM2_ALG_SHA512 },
	{ "sm3-256", TPM2_ALG_SM3_256 },   { "sha3-256", TPM2_ALG_SHA3_256 },
	{ "sha3-384", TPM2_ALG_SHA3_384 }, { "sha3-512", TPM2_ALG_SHA3_512 },
};
_Static_assert(sizeof(bank_names) / sizeof(bank_names[0]) == PCR_BANKS_MAX, "room for each name");

bool pcr_banks_have(const struct pcr_banks *banks, uint16_t algorithm)
{
	for (size_t i = 0; i < banks->count; i++) {
		if (banks->algorithms[i] == algorithm)
			return true;
	}
	return false;
}

static int add_by_name(struct pcr_banks *banks, const char *name, size_t len, struct error *err)
{
	for (size_t i = 0; i < PCR_BANKS_MAX; i++) {
		if (strlen(bank_names[i].name) != len ||
		    strncmp(bank_names[i].name, name, len) != 0)
			continue;
		if (pcr_banks_have(banks, bank_names[i].algorithm))
			return error_say(err, EINVAL, "PCR bank '%s' is named twice",
					 bank_names[i].name);
		banks->algorithms[banks->count++] = bank_names[i].algorithm;
		return 0;
	}
	return error_say(err, EINVAL,
			 "'%.*s' is not a PCR bank; there are sha1, sha256, sha384, "
			 "sha512, sm3-256, sha3-256, sha3-384, sha3-512",
			 len < 32 ? (int)len : 32, name);
}

int pcr_banks_parse(const char *list, struct pcr_banks *ret, struct error *err)
{
	struct pcr_banks banks = { .count = 0 };
	const char *name = list;

	for (;;) {
		size_t len = strcspn(name, ",");
		int r = add_by_name(&banks, name, len, err);

		if (r < 0)
			return r;
		if (name[len] == '\0')
			break;
		name += len + 1;
	}
	*ret = banks;
	return 0;
}

const char *pcr_bank_name(uint16_t algorithm)
{
	for (size_t i = 0; i < PCR_BANKS_MAX; i++) {
		if (bank_names[i].algorithm == algorithm)
			return bank_names[i].name;
	}
	return NULL;
}

/* One TPMS_PCR_SELECTION: an algorithm and the bitmap of the PCRs it has. */
static int get_selection(struct tpm_reader *reader, bool active, struct pcr_banks *banks)
{
	uint16_t algorithm = tpm_get_u16(reader);
	uint8_t size = tpm_get_u8(reader);
	const uint8_t *bits = tpm_get_bytes(reader, size);
	bool any = false;

	if (bits == NULL || banks->count == PCR_BANKS_MAX)
		return -EBADMSG;
	for (size_t i = 0; i < size; i++)
		any = any || bits[i] != 0;
	if (any || !active)
		banks->algorithms[banks->count++] = algorithm;
	return 0;
}

int pcr_banks_get(const struct tpm_executor *executor, bool active, struct pcr_banks *ret,
		  struct error *err)
{
	struct pcr_banks banks = { .count = 0 };
	struct tpm_answer answer;
	uint32_t count;
	int r = tpm_get_capability(executor, TPM2_CAP_PCRS, 0, 64, &answer, err);

	if (r < 0)
		return r;
	count = tpm_get_u32(&answer.body);
	for (uint32_t i = 0; r == 0 && i < count; i++)
		r = get_selection(&answer.body, active, &banks);
	if (r < 0 || answer.body.truncated)
		return tpm_answer_malformed("TPM2_GetCapability", err);
	*ret = banks;
	return 0;
}

static int check_implemented(const struct pcr_banks *banks, const struct pcr_banks *implemented,
			     struct error *err)
{
	for (size_t i = 0; i < banks->count; i++) {
		if (!pcr_banks_have(implemented, banks->algorithms[i]))
			return error_say(err, ENOTSUP, "this TPM has no PCR bank '%s'",
					 pcr_bank_name(banks->algorithms[i]));
	}
	return 0;
}

static void put_selections(struct tpm_command *command, const struct pcr_banks *banks,
			   const struct pcr_banks *implemented)
{
	static const uint8_t none[PCR_SELECT_SIZE], all[PCR_SELECT_SIZE] = { 0xff, 0xff, 0xff };

	tpm_put_u32(command, (uint32_t)implemented->count);
	for (size_t i = 0; i < implemented->count; i++) {
		uint16_t algorithm = implemented->algorithms[i];

		tpm_put_u16(command, algorithm);
		tpm_put_u8(command, PCR_SELECT_SIZE);
		tpm_put_bytes(command, pcr_banks_have(banks, algorithm) ? all : none,
			      PCR_SELECT_SIZE);
	}
}

int pcr_banks_set(const struct tpm_executor *executor, const struct pcr_banks *banks,
		  struct error *err)
{
	struct pcr_banks implemented;
	struct tpm_command command;
	struct tpm_answer answer;
	int r;

	r = pcr_banks_get(executor, false, &implemented, err);
	if (r == 0)
		r = check_implemented(banks, &implemented, err);
	if (r < 0)
		return r;

	tpm_command_begin(&command, TPM2_ST_SESSIONS, TPM2_CC_PCR_Allocate);
	tpm_put_u32(&command, TPM2_RH_PLATFORM);
	tpm_put_empty_auth(&command);
	put_selections(&command, banks, &implemented);
	r = tpm_exchange(executor, &command, "TPM2_PCR_Allocate", &answer, err);
	if (r < 0)
		return r;
	(void)tpm_get_u32(&answer.body); /* size of the parameters */
	if (tpm_get_u8(&answer.body) != 1)
		return error_say(err, EIO, "the TPM did not allocate the PCR banks");
	return 0;
}
