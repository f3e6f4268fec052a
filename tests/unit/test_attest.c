/* SPDX-License-Identifier: BSD-3-Clause */
/* verify/quote/attest.c, with the signature and the registers' values that come along: as bytes. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "util/bytes.h"
#include "util/error.h"
#include "verify/quote/attest.h"
#include "verify/quote/pcr_values.h"
#include "verify/quote/signature.h"

/* Of registers 0 and 7 of SHA-256, with the nonce aabb. */
#define MAGIC "ff544347"
#define TYPE "8018"
#define SIGNER "0003000b01"
#define NONCE "0002aabb"
#define CLOCK "0000000000000102"
#define COUNTS "0000000300000004"
#define FIRMWARE "2019102300163636"
#define ONE_BANK "00000001000b03810000"
#define DIGEST "0020" DIGEST_32
#define DIGEST_32 "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b"
#define HEAD MAGIC TYPE SIGNER NONCE CLOCK COUNTS
#define GOOD HEAD "01" FIRMWARE ONE_BANK DIGEST

/* BYTES are kept for who borrows. */
static size_t decode(const char *hex, uint8_t bytes[static 256])
{
	const size_t len = strlen(hex) / 2;

	assert_true(len <= 256);
	assert_int_equal(hex_decode(hex, strlen(hex), bytes, len), 0);
	return len;
}

static void a_quote_is_read(void **state)
{
	struct attest attest;
	uint8_t bytes[256];
	size_t len = decode(GOOD, bytes);

	(void)state;
	assert_int_equal(attest_parse(bytes, len, &attest, NULL), 0);
	assert_int_equal(attest.nonce_len, 2);
	assert_int_equal(attest.nonce[1], 0xbb);
	assert_int_equal(attest.clock, 0x102);
	assert_int_equal(attest.reset_count, 3);
	assert_int_equal(attest.restart_count, 4);
	assert_true(attest.safe);
	assert_true(attest.firmware == 0x2019102300163636);
	assert_int_equal(attest.selection_count, 1);
	assert_int_equal(attest.selections[0].pcrs, 0x81);
	assert_int_equal(attest.pcr_digest_len, 32);
	assert_true(attest_covers(&attest, bank_by_name("sha256"), 7));
	assert_false(attest_covers(&attest, bank_by_name("sha256"), 1));
	assert_false(attest_covers(&attest, bank_by_name("sha1"), 7));
	for (size_t part = 0; part < len; part++)
		assert_int_equal(attest_parse(bytes, part, &attest, NULL), -EBADMSG);
}

static void what_is_no_quote_is_refused(void **state)
{
	static const struct {
		const char *hex, *reason;
	} cases[] = {
		{ "ff544346" TYPE SIGNER NONCE CLOCK COUNTS "01" FIRMWARE ONE_BANK DIGEST,
		  "the quote was not made by a TPM: its magic is wrong" },
		{ MAGIC "8017" SIGNER NONCE CLOCK COUNTS "01" FIRMWARE ONE_BANK DIGEST,
		  "what the TPM signed is no quote" },
		{ GOOD "00", "the quote is malformed" },
		{ HEAD "01" FIRMWARE "00000001001203810000" DIGEST,
		  "the quote is of a bank that is unknown: 0x12" },
		{ HEAD "01" FIRMWARE "00000002000b03810000000b03000001" DIGEST,
		  "the quote selects the bank sha256 twice" },
		{ HEAD "01" FIRMWARE "00000001000b0481000001" DIGEST,
		  "the quote's selection of sha256 is malformed" },
		{ HEAD "01" FIRMWARE "00000005", "the quote is of 5 banks" },
	};
	struct attest attest;
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t bytes[256];
		size_t len = decode(cases[i].hex, bytes);

		assert_int_equal(attest_parse(bytes, len, &attest, &err), -EBADMSG);
		assert_string_equal(err.text, cases[i].reason);
	}
}

static void signatures_are_read(void **state)
{
	static const char *const good[] = { "0014000b0001aa", "0016000c0001aa",
					    "0018000d0001aa0001bb" };
	static const char *const bad[] = {
		"",
		"0014000b0001aa00", /* more behind it */
		"0014000b0002aa",
		"001400040001aa", /* SHA-1 */
		"001400120001aa",
		"0005000b0001aa", /* an HMAC */
		"0018000b0001aa",
		"0010",
	};
	struct tpm_signature signature;
	uint8_t bytes[256];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(
			tpm_signature_parse(bytes, decode(good[i], bytes), &signature, NULL), 0);
	assert_int_equal(signature.s[0], 0xbb);
	assert_int_equal(signature.hash->size, 64);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(
			tpm_signature_parse(bytes, decode(bad[i], bytes), &signature, NULL),
			-EBADMSG);
}

/* As tpm2_quote(1) writes them: a selection, a list of two digests. */
static size_t structures(uint8_t bytes[static 668])
{
	memset(bytes, 0, 668);
	bytes[132] = 1;
	bytes[136] = 2;
	bytes[140] = 32;
	bytes[140 + 66] = 32;
	return 668;
}

static int read_and_check(const uint8_t *values, size_t len, struct error *err)
{
	struct pcr_values all;
	struct attest attest;
	uint8_t bytes[256];
	int r;

	assert_int_equal(attest_parse(bytes, decode(GOOD, bytes), &attest, NULL), 0);
	pcr_values_begin(attest.selections, attest.selection_count, &all);
	assert_int_equal(all.count, 2);
	assert_int_equal(all.values[1].pcr, 7);
	r = values != NULL ? pcr_values_read(&all, values, len, err) : 0;
	if (r == 0)
		r = pcr_values_check(&all, bank_by_name("sha256"), attest.pcr_digest,
				     attest.pcr_digest_len, err);
	return r;
}

static void values_are_those_of_the_quote(void **state)
{
	uint8_t values[668] = { 0 };
	struct error err;

	(void)state;
	assert_int_equal(read_and_check(values, 64, NULL), 0); /* the digest of two zeros */
	assert_int_equal(read_and_check(values, structures(values), NULL), 0);
	assert_int_equal(read_and_check(values, 63, &err), -EBADMSG);
	assert_string_equal(err.text,
			    "the registers' values are not those of the quote's selection");
	assert_int_equal(read_and_check(NULL, 0, &err), -EBADMSG);
	assert_string_equal(err.text,
			    "nothing says what register 0 of sha256 is, which the quote is of");
	values[142] = 1; /* of the first digest */
	assert_int_equal(read_and_check(values, 668, &err), -EBADMSG);
	assert_string_equal(err.text, "the registers are not what was quoted");
	(void)structures(values);
	values[136] = 3;
	assert_int_equal(read_and_check(values, 668, NULL), -EBADMSG);
	(void)structures(values);
	values[140] = 20;
	assert_int_equal(read_and_check(values, 668, NULL), -EBADMSG);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_quote_is_read),
		cmocka_unit_test(what_is_no_quote_is_refused),
		cmocka_unit_test(signatures_are_read),
		cmocka_unit_test(values_are_those_of_the_quote),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
