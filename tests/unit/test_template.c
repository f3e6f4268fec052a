/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <string.h>

#include <openssl/evp.h>

#include "certs/factory/template.h"
#include "tpm/tcg.h"
#include "util/bytes.h"

#define CC_PolicySecret 0x00000151
#define CC_PolicyOR 0x00000171

static const EVP_MD *md_of(uint16_t algorithm)
{
	if (algorithm == TPM2_ALG_SHA256)
		return EVP_sha256();
	return algorithm == TPM2_ALG_SHA384 ? EVP_sha384() : EVP_sha512();
}

static size_t hash(uint16_t algorithm, const void *data, size_t len, uint8_t *digest)
{
	unsigned int digest_len = 0;

	assert_int_equal(EVP_Digest(data, len, digest, &digest_len, md_of(algorithm), NULL), 1);
	return digest_len;
}

/* Part 3, 23.4: H(H(zeros || CC_PolicySecret || name of the entity) || empty reference). */
static size_t policy_a(uint16_t algorithm, uint8_t *digest)
{
	size_t len = (size_t)EVP_MD_get_size(md_of(algorithm));
	uint8_t data[128] = { 0 };

	put_be32(data + len, CC_PolicySecret);
	put_be32(data + len + 4, TPM2_RH_ENDORSEMENT);
	hash(algorithm, data, len + 8, digest);
	return hash(algorithm, digest, len, digest);
}

/* Part 3, 23.6: H(zeros || CC_PolicyOR || the digests). PolicyC is the profile's constant. */
static size_t policy_b(uint16_t algorithm, uint8_t *digest)
{
	static const char *const c_384 =
		"d6032ce61f2fb3c240eb3cf6a33237ef2b6a16f4293c22b455e261cffd217ad5"
		"b4947c2d73e63005eed2dc2b3593d165";
	static const char *const c_512 =
		"589ee1e146544716e8deafe6db247b01b81e9f9c7dd16b814aa159138749105f"
		"ba5388dd1dea702f35240c184933121e2c61b8f50d3ef91393a49a38c3f73fc8";
	const char *c = algorithm == TPM2_ALG_SHA384 ? c_384 : c_512;
	size_t len = (size_t)EVP_MD_get_size(md_of(algorithm));
	uint8_t data[256] = { 0 };

	put_be32(data + len, CC_PolicyOR);
	(void)policy_a(algorithm, data + len + 4);
	assert_int_equal(hex_decode(c, strlen(c), data + len + 4 + len, len), 0);
	return hash(algorithm, data, 3 * len + 4, digest);
}

struct expected {
	enum key_type type;
	uint16_t type_alg, name_alg;
	uint32_t attributes;
	bool low;
	uint16_t aes, bits_or_curve;
	size_t unique; /* bytes of zeros, each coordinate */
	uint32_t handle, certificate, template;
};

static const struct expected eks[] = {
	{ KEY_RSA_2048, 0x0001, 0x000b, 0x000300b2, true, 128, 2048, 256, 0x81010001, 0x01c00002,
	  0x01c00004 },
	{ KEY_P256, 0x0023, 0x000b, 0x000300b2, true, 128, 0x0003, 32, 0x8101000a, 0x01c0000a,
	  0x01c0000c },
	{ KEY_P384, 0x0023, 0x000c, 0x000300f2, false, 256, 0x0004, 0, 0x81010016, 0x01c00016,
	  0x01c00017 },
	{ KEY_P521, 0x0023, 0x000d, 0x000300f2, false, 256, 0x0005, 0, 0x81010018, 0x01c00018,
	  0x01c00019 },
	{ KEY_RSA_3072, 0x0001, 0x000c, 0x000300f2, false, 256, 3072, 0, 0x8101001c, 0x01c0001c,
	  0x01c0001d },
	{ KEY_RSA_4096, 0x0001, 0x000c, 0x000300f2, false, 256, 4096, 0, 0x8101001e, 0x01c0001e,
	  0x01c0001f },
};

static void check_unique(struct tpm_reader *reader, const struct expected *expected)
{
	static const uint8_t zeros[256];
	size_t len;
	const uint8_t *unique = tpm_get_sized(reader, &len);

	assert_int_equal(len, expected->unique);
	assert_memory_equal(unique, zeros, len);
	if (expected->type_alg == TPM2_ALG_ECC) {
		unique = tpm_get_sized(reader, &len);
		assert_int_equal(len, expected->unique);
		assert_memory_equal(unique, zeros, len);
	}
	assert_false(reader->truncated);
	assert_int_equal(reader->left, 0);
}

static void check_ek(const struct expected *expected)
{
	const struct key_template template = { .role = ROLE_EK, .type = expected->type };
	uint8_t bytes[TEMPLATE_MAX], policy[64];
	struct tpm_reader reader = { bytes, key_template_write(&template, bytes), false };
	size_t policy_len = expected->low ? policy_a(expected->name_alg, policy)
					  : policy_b(expected->name_alg, policy);
	const uint8_t *p;
	size_t len;

	assert_int_equal(tpm_get_u16(&reader), expected->type_alg);
	assert_int_equal(tpm_get_u16(&reader), expected->name_alg);
	assert_int_equal(tpm_get_u32(&reader), expected->attributes);
	p = tpm_get_sized(&reader, &len);
	assert_int_equal(len, policy_len);
	assert_memory_equal(p, policy, len);
	assert_int_equal(tpm_get_u16(&reader), TPM2_ALG_AES);
	assert_int_equal(tpm_get_u16(&reader), expected->aes);
	assert_int_equal(tpm_get_u16(&reader), TPM2_ALG_CFB);
	assert_int_equal(tpm_get_u16(&reader), TPM2_ALG_NULL);
	assert_int_equal(tpm_get_u16(&reader), expected->bits_or_curve);
	if (expected->type_alg == TPM2_ALG_RSA)
		assert_int_equal(tpm_get_u32(&reader), 0);
	else
		assert_int_equal(tpm_get_u16(&reader), TPM2_ALG_NULL);
	check_unique(&reader, expected);
}

static void ek_templates_are_those_of_the_profile(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(eks) / sizeof(eks[0]); i++)
		check_ek(&eks[i]);
}

static void ek_handles_and_indices_are_those_of_the_registry(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(eks) / sizeof(eks[0]); i++) {
		const struct key_type_info *info = key_type_info(eks[i].type);

		assert_int_equal(info->ek_handle, eks[i].handle);
		assert_int_equal(info->ek_certificate, eks[i].certificate);
		assert_int_equal(info->ek_template, eks[i].template);
	}
}

static uint32_t attributes_of(const struct key_template *template, uint16_t *symmetric)
{
	uint8_t bytes[TEMPLATE_MAX];

	(void)key_template_write(template, bytes);
	*symmetric = get_be16(bytes + 10 + get_be16(bytes + 8));
	return get_be32(bytes + 4);
}

static void a_signing_ek_has_other_attributes_and_no_symmetric_key(void **state)
{
	static const struct {
		enum key_type type;
		bool decrypt;
		uint32_t attributes;
	} cases[] = {
		{ KEY_RSA_2048, false, 0x000400b2 },
		{ KEY_RSA_2048, true, 0x000600b2 },
		{ KEY_P384, false, 0x000400f2 },
		{ KEY_P384, true, 0x000600f2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct key_template template = { ROLE_EK, cases[i].type, true,
						       cases[i].decrypt };
		uint16_t symmetric;

		assert_int_equal(attributes_of(&template, &symmetric), cases[i].attributes);
		assert_int_equal(symmetric, TPM2_ALG_NULL);
		assert_true(key_template_is_special(&template));
	}
}

static void an_srk_has_no_policy(void **state)
{
	const struct key_template rsa = { .role = ROLE_SRK, .type = KEY_RSA_2048 };
	const struct key_template ecc = { .role = ROLE_SRK, .type = KEY_P256 };
	const struct key_template p384 = { .role = ROLE_SRK, .type = KEY_P384 };
	uint8_t bytes[TEMPLATE_MAX];

	(void)state;
	assert_int_equal(key_template_write(&rsa, bytes), 26 + 256);
	assert_int_equal(get_be32(bytes + 4), 0x00030472);
	assert_int_equal(get_be16(bytes + 8), 0);
	assert_int_equal(key_template_write(&ecc, bytes), 26 + 32 + 32);
	assert_int_equal(get_be32(bytes + 4), 0x00030472);
	assert_false(key_template_is_special(&rsa));
	/* AES-256, and as many zeros as the curve wants. */
	assert_int_equal(key_template_write(&p384, bytes), 26 + 48 + 48);
	assert_int_equal(get_be16(bytes + 2), TPM2_ALG_SHA384);
	assert_int_equal(get_be32(bytes + 4), 0x00030472);
	assert_int_equal(get_be16(bytes + 8), 0);
	assert_int_equal(get_be16(bytes + 12), 256);
	assert_int_equal(get_be16(bytes + 18), TPM2_ECC_NIST_P384);
	assert_int_equal(get_be16(bytes + 22), 48);
}

static void check_identity(enum key_role role, enum key_type type, const char *hex)
{
	const struct key_template template = { .role = role, .type = type };
	uint8_t bytes[TEMPLATE_MAX];
	size_t len = key_template_write(&template, bytes);
	size_t text_len = strlen(hex);
	uint8_t expected[512];

	assert_int_equal(hex_decode(hex, text_len, expected, text_len / 2), 0);
	assert_int_equal(len, text_len / 2);
	assert_memory_equal(bytes, expected, len);
}

/* TPM 2.0 Keys for Device Identity and Attestation, byte by byte. */
static void identity_templates_are_those_of_the_specification(void **state)
{
	(void)state;
	check_identity(ROLE_IAK, KEY_RSA_2048,
		       "0001000b000500f20020"
		       "5437182326e414fca797d5f174615a1641f61255797c3a2b22c21d120b2d1e07"
		       "00100016000b0800000000000003"
		       "49414b");
	check_identity(ROLE_IDEVID, KEY_RSA_2048,
		       "0001000b000400f20020"
		       "ad6b3a2284fd698a0710bf5cc1b9bdf15e2532e3f601fa4b93a6a8fa8de579ea"
		       "001000100800000000000006"
		       "494445564944");
	check_identity(ROLE_IAK, KEY_P384,
		       "0023000c000500f20030"
		       "129d94ebf84556652c6eef43bbb757512ac87e52be7b349ca6ce4d826f749fcf"
		       "672f51716c5cbb605f313bf345aab312"
		       "00100018000c00040010000349414b0000");
	check_identity(ROLE_IAK, KEY_P521,
		       "0023000d000500f20040"
		       "8060d1fb31716a29e48a6e5fece088bcfc1b278fc162255e81c3eca3544cd44a"
		       "f94410c3715d561cccd9e39a6cb2646d43535bb54ea88710deb5f7836bd9b586"
		       "00100018000d0005001000"
		       "0349414b0000");
	check_identity(ROLE_IDEVID, KEY_P384,
		       "0023000c000400f20030"
		       "4db1aa836d0b5615df6ee53a40ef70c61c217f4303d44695925972bc927006cf"
		       "a5cbdf6dc18c4dbe329b2f1542c3dd33"
		       "00100018000c000400100006494445564944"
		       "0000");
	check_identity(ROLE_IDEVID, KEY_P521,
		       "0023000d000400f20040"
		       "7dd7500fd6c1b94f97a6af910da147301ef28f662fee06f225a4ccadda3b4e6b"
		       "38e66b2f3ad5dee1a0503cd2daedb1e68cfe4f84b03a8cd22bb6a976f071a72f"
		       "00100018000d0005001000064944455649440000");
}

static void key_types_are_known_by_name(void **state)
{
	enum key_type type = KEY_NONE;

	(void)state;
	for (int i = KEY_NONE + 1; i < KEY_TYPES; i++) {
		const char *name = key_type_info((enum key_type)i)->name;

		assert_int_equal(key_type_parse("--ek", name, &type, NULL), 0);
		assert_int_equal(type, i);
	}
	assert_int_equal(key_type_parse("--ek", "secp521r1", &type, NULL), 0);
	assert_int_equal(type, KEY_P521);
	assert_true(key_type_parse("--ek", "rsa1024", &type, NULL) < 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(ek_templates_are_those_of_the_profile),
		cmocka_unit_test(ek_handles_and_indices_are_those_of_the_registry),
		cmocka_unit_test(a_signing_ek_has_other_attributes_and_no_symmetric_key),
		cmocka_unit_test(an_srk_has_no_policy),
		cmocka_unit_test(identity_templates_are_those_of_the_specification),
		cmocka_unit_test(key_types_are_known_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
