/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/host/host_tpm.h"

#include <errno.h>
#include <string.h>

#include "tpm/exchange.h"
#include "tpm/tcg.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "verify/answer/device.h"
#include "verify/answer/registers.h"

/* The most attempts, as registers may be extended while they are read. */
#define TRIES 5

/*
 * A TPMT_PUBLIC: ECDSA with SHA-256 on P-256, of which the TPM makes the same key each time;
 * fixedTPM, fixedParent, sensitiveDataOrigin, userWithAuth, noDA, restricted, sign.
 */
static const uint8_t template[] = { 0x00, 0x23, 0x00, 0x0b, 0x00, 0x05, 0x04, 0x72,
				    0x00, 0x00, 0x00, 0x10, 0x00, 0x18, 0x00, 0x0b,
				    0x00, 0x03, 0x00, 0x10, 0x00, 0x00, 0x00, 0x00 };

static int add(struct host_quote_parts *parts, enum host_quote_type type, const void *data,
	       size_t len, struct error *err)
{
	int r = host_quote_add(parts, type, data, len);

	return r < 0 ? error_set(err, -r, "keep the quote") : 0;
}

static int make_key(const struct tpm_executor *executor, uint32_t *handle,
		    struct host_quote_parts *parts, struct error *err)
{
	static const char what[] = "TPM2_CreatePrimary";
	struct tpm_command command;
	struct tpm_answer answer;
	const uint8_t *area;
	size_t len;
	int r;

	tpm_command_begin(&command, TPM2_ST_SESSIONS, TPM2_CC_CreatePrimary);
	tpm_put_u32(&command, TPM2_RH_ENDORSEMENT);
	tpm_put_empty_auth(&command);
	tpm_put_sized(&command, "\0\0\0\0", 4); /* no password, no data of ours */
	tpm_put_sized(&command, template, sizeof(template));
	tpm_put_u16(&command, 0); /* no outside information */
	tpm_put_u32(&command, 0); /* no PCRs */
	r = tpm_exchange(executor, &command, what, &answer, err);
	if (r < 0)
		return r;
	*handle = tpm_get_u32(&answer.body);
	(void)tpm_get_u32(&answer.body); /* size of the parameters */
	area = tpm_get_sized(&answer.body, &len);
	return area != NULL ? add(parts, HOST_QUOTE_AK, area, len, err)
			    : tpm_answer_malformed(what, err);
}

static int find_key(const struct tpm_executor *executor, uint32_t handle,
		    struct host_quote_parts *parts, struct error *err)
{
	struct tpm_answer answer;
	const uint8_t *area;
	size_t len;
	int r = tpm_read_public(executor, handle, "TPM2_ReadPublic of the host's key", &answer,
				&area, &len, err);

	return r < 0 ? r : add(parts, HOST_QUOTE_AK, area, len, err);
}

static bool same(const struct pcr_values *a, const struct pcr_values *b)
{
	for (size_t i = 0; i < a->count; i++) {
		if (memcmp(a->values[i].bytes, b->values[i].bytes, a->values[i].bank->size) != 0)
			return false;
	}
	return true;
}

/* Quotes; AFTER gets the registers, which are the same before the quote and after it. */
static int quote(const struct vouching *vouching, const struct tpm_executor *executor, uint32_t key,
		 const uint8_t *nonce, struct client_quote *ret, struct pcr_values *after,
		 struct error *err)
{
	struct pcr_values before;
	int r = 0;

	pcr_values_begin(vouching->selections, vouching->count, after);
	before = *after;
	for (int i = 0; i < TRIES; i++) {
		r = client_read_pcrs(executor, &before, err);
		if (r == 0)
			r = client_quote(executor, key, nonce, HOST_QUOTE_NONCE,
					 vouching->selections, vouching->count, ret, err);
		if (r == 0)
			r = client_read_pcrs(executor, after, err);
		if (r < 0 || same(&before, after))
			return r;
	}
	return error_say(err, EBUSY, "its registers change all the time");
}

static int quote_by_key(const struct vouching *vouching, const struct tpm_executor *executor,
			uint32_t key, const uint8_t *nonce, struct host_quote_parts *parts,
			struct error *err)
{
	uint8_t bytes[PCR_VALUES_MOST * BANK_DIGEST_MOST];
	struct pcr_values values;
	struct client_quote said;
	int r = quote(vouching, executor, key, nonce, &said, &values, err);

	if (r == 0)
		r = add(parts, HOST_QUOTE_ATTEST, said.quote, said.quote_len, err);
	if (r == 0)
		r = add(parts, HOST_QUOTE_SIGNATURE, said.signature, said.signature_len, err);
	if (r == 0)
		r = add(parts, HOST_QUOTE_PCRS, bytes, pcr_values_join(&values, bytes), err);
	return r;
}

int host_tpm_quote_by(const struct vouching *vouching, const struct tpm_executor *executor,
		      const uint8_t nonce[static HOST_QUOTE_NONCE], struct host_quote_parts *ret,
		      struct error *err)
{
	uint32_t key = vouching->key;
	int r, flushed;

	if (key != 0) {
		r = find_key(executor, key, ret, err);
		return r < 0 ? r : quote_by_key(vouching, executor, key, nonce, ret, err);
	}
	r = make_key(executor, &key, ret, err);
	if (r < 0)
		return r;
	r = quote_by_key(vouching, executor, key, nonce, ret, err);
	flushed = tpm_flush(executor, key, r == 0 ? err : NULL);
	return r < 0 ? r : flushed;
}

int host_tpm_quote(const struct vouching *vouching, const uint8_t nonce[static HOST_QUOTE_NONCE],
		   struct host_quote_parts *ret, struct error *err)
{
	cleanup_with(tpm_device_close) struct tpm_device device = { .fd = -1 };
	struct tpm_executor executor = tpm_device_executor(&device);
	int r = tpm_device_open(vouching->device, &device, err);

	return r < 0 ? r : host_tpm_quote_by(vouching, &executor, nonce, ret, err);
}
