/* SPDX-License-Identifier: BSD-3-Clause */
#include "verify/quote/attest.h"

#include <inttypes.h>

#include "tpm/command.h"
#include "util/bytes.h"
#include "util/error.h"

/* Only a TPM puts it in front of what it signs with a restricted key: Part 2, 6.2. */
#define TPM2_GENERATED_VALUE 0xff544347
#define TPM2_ST_ATTEST_QUOTE 0x8018

static uint64_t get_u64(struct tpm_reader *reader)
{
	const uint8_t *p = tpm_get_bytes(reader, 8);

	return p != NULL ? get_be64(p) : 0;
}

/* A bitmap whose first byte has registers 0 to 7; -EBADMSG for registers that no TPM has. */
static int get_bitmap(struct tpm_reader *reader, uint32_t *ret)
{
	size_t len = tpm_get_u8(reader);
	const uint8_t *bytes = tpm_get_bytes(reader, len);

	*ret = 0;
	for (size_t i = 0; bytes != NULL && i < len; i++) {
		if (i >= PCRS / 8 && bytes[i] != 0)
			return -EBADMSG;
		if (i < PCRS / 8)
			*ret |= (uint32_t)bytes[i] << 8 * i;
	}
	return bytes != NULL ? 0 : -EBADMSG;
}

static int get_selection(struct tpm_reader *reader, struct attest *attest, struct error *err)
{
	struct pcr_selection *next = &attest->selections[attest->selection_count];
	uint16_t algorithm = tpm_get_u16(reader);

	next->bank = bank_find(algorithm);
	if (next->bank == NULL)
		return error_say(err, EBADMSG, "the quote is of a bank that is unknown: 0x%x",
				 algorithm);
	if (pcr_selection_find(attest->selections, attest->selection_count, next->bank) != NULL)
		return error_say(err, EBADMSG, "the quote selects the bank %s twice",
				 next->bank->name);
	if (get_bitmap(reader, &next->pcrs) < 0)
		return error_say(err, EBADMSG, "the quote's selection of %s is malformed",
				 next->bank->name);
	attest->selection_count++;
	return 0;
}

static int get_selections(struct tpm_reader *reader, struct attest *attest, struct error *err)
{
	uint32_t count = tpm_get_u32(reader);

	if (count > BANKS_MOST)
		return error_say(err, EBADMSG, "the quote is of %" PRIu32 " banks", count);
	for (uint32_t i = 0; i < count; i++) {
		int r = get_selection(reader, attest, err);

		if (r < 0)
			return r;
	}
	return 0;
}

static void get_clock(struct tpm_reader *reader, struct attest *attest)
{
	attest->clock = get_u64(reader);
	attest->reset_count = tpm_get_u32(reader);
	attest->restart_count = tpm_get_u32(reader);
	attest->safe = tpm_get_u8(reader) == 1;
	attest->firmware = get_u64(reader);
}

int attest_parse(const uint8_t *data, size_t len, struct attest *ret, struct error *err)
{
	struct tpm_reader reader = { data, len, false };
	struct attest attest = { 0 };
	size_t signer_len;
	int r;

	if (tpm_get_u32(&reader) != TPM2_GENERATED_VALUE)
		return error_say(err, EBADMSG,
				 "the quote was not made by a TPM: its magic is wrong");
	if (tpm_get_u16(&reader) != TPM2_ST_ATTEST_QUOTE)
		return error_say(err, EBADMSG, "what the TPM signed is no quote");
	(void)tpm_get_sized(
		&reader, &signer_len); /* the key's qualified name, which depends on its parents */
	attest.nonce = tpm_get_sized(&reader, &attest.nonce_len);
	get_clock(&reader, &attest);
	r = get_selections(&reader, &attest, err);
	if (r < 0)
		return r;
	attest.pcr_digest = tpm_get_sized(&reader, &attest.pcr_digest_len);
	if (reader.truncated || reader.left > 0 || attest.nonce_len > ATTEST_NONCE_MOST)
		return error_say(err, EBADMSG, "the quote is malformed");
	*ret = attest;
	return 0;
}

bool attest_covers(const struct attest *attest, const struct bank *bank, unsigned int pcr)
{
	const struct pcr_selection *found =
		pcr_selection_find(attest->selections, attest->selection_count, bank);

	return found != NULL && (found->pcrs >> pcr & 1) != 0;
}
