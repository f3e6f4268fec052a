/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "tpm/exchange.h"
#include "certs/factory/nv.h"
#include "certs/factory/pcr_banks.h"
#include "certs/x509/public.h"
#include "certs/factory/job.h"
#include "tests/unit/canned_tpm.h"
#include "tpm/tcg.h"
#include "util/bytes.h"
#include "util/error.h"

/* A TPM that answers BODY, in hex, to whatever it is asked. */
static struct tpm_executor answering(struct canned_tpm *tpm, uint32_t code, const char *hex)
{
	size_t len = strlen(hex) / 2;

	put_be16(tpm->answer, TPM2_ST_NO_SESSIONS);
	put_be32(tpm->answer + 2, (uint32_t)(TPM_HEADER_SIZE + len));
	put_be32(tpm->answer + 6, code);
	assert_int_equal(hex_decode(hex, strlen(hex), tpm->answer + TPM_HEADER_SIZE, len), 0);
	tpm->len = TPM_HEADER_SIZE + len;
	return canned_tpm_executor(tpm);
}

static int exchange(const struct tpm_executor *executor, struct error *err)
{
	struct tpm_command command;
	struct tpm_answer answer;

	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_GetRandom);
	return tpm_exchange(executor, &command, "TPM2_GetRandom", &answer, err);
}

static void an_exchange_fails_with_a_sentence(void **state)
{
	struct canned_tpm tpm = { 0 };
	struct tpm_executor executor = answering(&tpm, 0, "");
	struct error err;

	(void)state;
	assert_int_equal(exchange(&executor, &err), 0);
	tpm.len = 9;
	assert_int_equal(exchange(&executor, &err), -EBADMSG);
	assert_string_equal(err.text, "TPM2_GetRandom: the TPM's answer is malformed");
	executor = answering(&tpm, 0x101, "");
	assert_int_equal(exchange(&executor, &err), -EIO);
	assert_string_equal(err.text, "TPM2_GetRandom: the TPM answers 0x101");
	tpm.error = -ETIMEDOUT;
	assert_int_equal(exchange(&executor, &err), -ETIMEDOUT);
	assert_string_equal(err.text, "TPM2_GetRandom: Connection timed out");
}

static int banks_of(const char *hex, bool active, struct pcr_banks *banks)
{
	struct canned_tpm tpm = { 0 };
	struct tpm_executor executor = answering(&tpm, 0, hex);

	return pcr_banks_get(&executor, active, banks, NULL);
}

static void pcr_banks_are_read_from_a_capability(void **state)
{
	struct pcr_banks banks;

	(void)state;
	assert_int_equal(banks_of("00"
				  "00000005"
				  "00000002"
				  "000403000000"
				  "000b03ffffff",
				  false, &banks),
			 0);
	assert_int_equal(banks.count, 2);
	assert_int_equal(banks_of("00"
				  "00000005"
				  "00000002"
				  "000403000000"
				  "000b03ffffff",
				  true, &banks),
			 0);
	assert_int_equal(banks.count, 1);
	assert_int_equal(banks.algorithms[0], TPM2_ALG_SHA256);
	assert_int_equal(banks_of("00"
				  "00000005"
				  "00000002"
				  "000403000000",
				  false, &banks),
			 -EBADMSG);
	assert_int_equal(banks_of("00"
				  "00000006"
				  "00000000",
				  false, &banks),
			 -EBADMSG);
	assert_int_equal(banks_of("00"
				  "00000005"
				  "ffffffff",
				  false, &banks),
			 -EBADMSG);
}

static void at_most_eight_banks_are_believed(void **state)
{
	char hex[256] = "000000000500000008";
	struct pcr_banks banks;

	(void)state;
	for (int i = 0; i < 8; i++)
		(void)strcat(hex, "000b03ffffff");
	assert_int_equal(banks_of(hex, true, &banks), 0);
	hex[17] = '9';
	(void)strcat(hex, "000b03ffffff");
	assert_int_equal(banks_of(hex, true, &banks), -EBADMSG);
}

static void lists_of_banks_are_parsed(void **state)
{
	static const struct {
		const char *list, *text;
	} bad[] = {
		{ "", "'' is not a PCR bank; " },
		{ "sha256,", "'' is not a PCR bank; " },
		{ ",sha256", "'' is not a PCR bank; " },
		{ "sha-256", "'sha-256' is not a PCR bank; " },
		{ "SHA256", "'SHA256' is not a PCR bank; " },
		{ "sha256 ", "'sha256 ' is not a PCR bank; " },
		{ "sha256,sha1,sha256", "PCR bank 'sha256' is named twice" },
	};
	struct pcr_banks banks;
	struct error err;

	(void)state;
	assert_int_equal(pcr_banks_parse("sha1,sha256,sha384,sha512,sm3-256,sha3-256,sha3-384,"
					 "sha3-512",
					 &banks, NULL),
			 0);
	assert_int_equal(banks.count, PCR_BANKS_MAX);
	assert_int_equal(banks.algorithms[4], TPM2_ALG_SM3_256);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(pcr_banks_parse(bad[i].list, &banks, &err), -EINVAL);
		assert_int_equal(strncmp(err.text, bad[i].text, strlen(bad[i].text)), 0);
	}
}

static int public_of(const char *hex, struct tpm_public *public)
{
	static uint8_t data[1024];
	size_t len = strlen(hex) / 2;

	assert_int_equal(hex_decode(hex, strlen(hex), data, len), 0);
	return tpm_public_parse(data, len, public);
}

/* NIST P-256's base point: on the curve for sure. */
#define P256_X "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
#define P256_Y "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
#define P256_HEAD              \
	"0023000b000300b20000" \
	"00060080004300100003" \
	"0010"

static void public_areas_are_read_and_must_be_whole(void **state)
{
	static const char good[] = P256_HEAD "0020" P256_X "0020" P256_Y;
	struct tpm_public public;
	EVP_PKEY *key = NULL;
	char part[sizeof(good) + 2];

	(void)state;
	assert_int_equal(public_of(good, &public), 0);
	assert_int_equal(public.attributes, 0x000300b2);
	assert_int_equal(public.name_algorithm, TPM2_ALG_SHA256);
	assert_int_equal(public.scheme, TPM2_ALG_NULL);
	assert_int_equal(public.scheme_hash, 0);
	assert_int_equal(tpm_public_to_pkey(&public, &key, NULL), 0);
	assert_int_equal(EVP_PKEY_get_bits(key), 256);
	EVP_PKEY_free(take_ptr(key));
	for (size_t len = 0; len < sizeof(good) - 1; len += 2) {
		memcpy(part, good, len);
		part[len] = '\0';
		assert_int_equal(public_of(part, &public), -EBADMSG);
	}
	(void)snprintf(part, sizeof(part), "%s00", good);
	assert_int_equal(public_of(part, &public), -EBADMSG);
}

static void the_scheme_of_a_key_that_signs_is_read(void **state)
{
	struct tpm_public public;

	(void)state;
	assert_int_equal(public_of("0023000c0005007200000010" /* ECDSA with SHA-384 */
				   "0018000c"
				   "00030010"
				   "0020" P256_X "0020" P256_Y,
				   &public),
			 0);
	assert_int_equal(public.name_algorithm, TPM2_ALG_SHA384);
	assert_int_equal(public.scheme, TPM2_ALG_ECDSA);
	assert_int_equal(public.scheme_hash, TPM2_ALG_SHA384);
}

static void public_areas_must_make_sense(void **state)
{
	struct tpm_public public;
	struct error err;
	EVP_PKEY *key = NULL;

	(void)state;
	/* A keyed hash object; a curve that is not ours; coordinates too long; none at all. */
	assert_int_equal(public_of("0008000b000000000000001000100000", &public), -EBADMSG);
	assert_int_equal(public_of("0023000b000300b20000"
				   "00060080004300100010"
				   "0010"
				   "0001010001"
				   "01",
				   &public),
			 -EBADMSG);
	assert_int_equal(public_of(P256_HEAD "0021" P256_X "00"
					     "0020" P256_Y,
				   &public),
			 -EBADMSG);
	assert_int_equal(public_of(P256_HEAD "0000"
					     "0000",
				   &public),
			 -EBADMSG);
	/* RSA whose modulus is not as long as it says. */
	assert_int_equal(public_of("0001000b00000000000000100010"
				   "0800"
				   "00000000"
				   "000101",
				   &public),
			 -EBADMSG);
	/* A point that is not on the curve. */
	assert_int_equal(public_of(P256_HEAD "0020" P256_X "0020" P256_X, &public), 0);
	assert_int_equal(tpm_public_to_pkey(&public, &key, &err), -EINVAL);
	assert_null(key);
}

/* A coordinate's leading zeros may be left out. */
static void short_coordinates_are_filled_up(void **state)
{
	struct tpm_public public;
	EVP_PKEY *key = NULL;

	(void)state;
	/* The point whose x is 5: y^2 = x^3 - 3x + b has this root. */
	assert_int_equal(
		public_of(P256_HEAD
			  "000105"
			  "0020"
			  "459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc",
			  &public),
		0);
	assert_int_equal(tpm_public_to_pkey(&public, &key, NULL), 0);
	EVP_PKEY_free(key);
}

static void an_index_that_says_too_much_is_not_believed(void **state)
{
	struct canned_tpm tpm = { 0 };
	struct tpm_executor executor;
	uint32_t attributes;
	size_t size;

	(void)state;
	executor = answering(&tpm, 0,
			     "000e"
			     "01c00002"
			     "000b"
			     "62072001"
			     "0000"
			     "0800");
	assert_int_equal(nv_read_public(&executor, 0x01c00002, &attributes, &size, NULL), 0);
	assert_int_equal(size, 2048);
	executor = answering(&tpm, 0,
			     "000e"
			     "01c00002"
			     "000b"
			     "62072001"
			     "0000"
			     "0801");
	assert_int_equal(nv_read_public(&executor, 0x01c00002, &attributes, &size, NULL), -EBADMSG);
	executor = answering(&tpm, 0,
			     "000e"
			     "01c00002"
			     "000b"
			     "62072001"
			     "0000");
	assert_int_equal(nv_read_public(&executor, 0x01c00002, &attributes, &size, NULL), -EBADMSG);
	executor = answering(&tpm, 0x18b, "");
	assert_int_equal(nv_read_public(&executor, 0x01c00002, &attributes, &size, NULL), -ENOENT);
}

static void attributes_of_another_family_are_refused(void **state)
{
	struct canned_tpm tpm = { 0 };
	struct tpm_executor executor = answering(&tpm, 0,
						 "00"
						 "00000006"
						 "00000001"
						 "00000100"
						 "312e3200");
	struct tpm_attributes attributes;
	struct error err;

	(void)state;
	/* The canned TPM gives the same answer to every question. */
	assert_int_equal(tpm_attributes_get(&executor, TPM_VERSION_2, &attributes, &err), -EBADMSG);
	executor = answering(&tpm, 0,
			     "00"
			     "00000006"
			     "00000000");
	assert_int_equal(tpm_attributes_get(&executor, TPM_VERSION_2, &attributes, &err), -EBADMSG);
	executor = answering(&tpm, 0,
			     "0000000f"
			     "0031"
			     "0102129e"
			     "0002"
			     "03"
			     "49424d00"
			     "0000");
	assert_int_equal(tpm_attributes_get(&executor, TPM_VERSION_1_2, &attributes, &err),
			 -EBADMSG);
	executor = answering(&tpm, 0,
			     "0000000f"
			     "0030"
			     "0102129e"
			     "0002"
			     "03"
			     "49424d00"
			     "0000");
	assert_int_equal(tpm_attributes_get(&executor, TPM_VERSION_1_2, &attributes, &err), 0);
	assert_string_equal(attributes.firmware, "id:0012009E");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_exchange_fails_with_a_sentence),
		cmocka_unit_test(pcr_banks_are_read_from_a_capability),
		cmocka_unit_test(at_most_eight_banks_are_believed),
		cmocka_unit_test(lists_of_banks_are_parsed),
		cmocka_unit_test(public_areas_are_read_and_must_be_whole),
		cmocka_unit_test(the_scheme_of_a_key_that_signs_is_read),
		cmocka_unit_test(public_areas_must_make_sense),
		cmocka_unit_test(short_coordinates_are_filled_up),
		cmocka_unit_test(an_index_that_says_too_much_is_not_believed),
		cmocka_unit_test(attributes_of_another_family_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
