/* SPDX-License-Identifier: BSD-3-Clause */
/* A TPM 1.2 as certs/factory/ makes it. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>

#include "certs/factory/firmware.h"
#include "certs/factory/commands_12.h"
#include "tests/unit/factory_fixture.h"
#include "tpm/tcg.h"
#include "util/bytes.h"

static void set_tpm12(struct fixture *fixture)
{
	fixture->options.version = TPM_VERSION_1_2;
}

static void begin(struct tpm_command *command, uint32_t ordinal)
{
	tpm_command_begin(command, TPM12_TAG_RQU_COMMAND, ordinal);
}

static EVP_PKEY *read_pubek(struct fixture *fixture)
{
	static const uint8_t nonce[20];
	struct tpm_command command;
	struct tpm_answer answer;
	EVP_PKEY *key = NULL;

	begin(&command, TPM12_ORD_ReadPubek);
	tpm_put_bytes(&command, nonce, sizeof(nonce));
	assert_int_equal(fixture_run(fixture, &command, &answer), 0);
	assert_int_equal(tpm12_parse_pubkey(answer.body.p, answer.body.left, &key, NULL), 0);
	return key;
}

static uint32_t read_nv(struct fixture *fixture, uint32_t index, uint32_t len,
			struct tpm_answer *answer)
{
	struct tpm_command command;

	begin(&command, TPM12_ORD_NV_ReadValue);
	tpm_put_u32(&command, index);
	tpm_put_u32(&command, 0);
	tpm_put_u32(&command, len);
	return fixture_run(fixture, &command, answer);
}

static void the_ek_is_there_and_its_certificate_is_of_it(void **state)
{
	struct fixture *fixture = *state;
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *key = NULL;

	set_tpm12(fixture);
	fixture_manufacture(fixture);
	key = read_pubek(fixture);
	assert_int_equal(EVP_PKEY_get_bits(key), 2048);
	assert_int_equal(fixture->result.certificates_count, 2);
	assert_true(x509_has_key(fixture->result.certificates[0].certificate, key));
	assert_true(x509_has_key(fixture->result.certificates[1].certificate, key));
}

/* PC Client Implementation Specification: a header, then the certificate and nothing else. */
static void certificates_are_in_nv_behind_their_header(void **state)
{
	static const uint32_t indices[] = { 0x1000f000, 0x1000f002 };
	struct fixture *fixture = *state;

	set_tpm12(fixture);
	fixture_manufacture(fixture);
	for (size_t i = 0; i < 2; i++) {
		cleanup_free uint8_t *der = NULL;
		struct tpm_answer answer;
		const uint8_t *p;
		size_t len;

		assert_int_equal(fixture->result.certificates[i].index, indices[i]);
		assert_int_equal(
			x509_to_der(fixture->result.certificates[i].certificate, &der, &len, NULL),
			0);
		assert_int_equal(read_nv(fixture, indices[i], (uint32_t)len + 7, &answer), 0);
		assert_int_equal(tpm_get_u32(&answer.body), len + 7);
		p = answer.body.p;
		assert_memory_equal(p, "\x10\x01\x00", 3);
		assert_int_equal(get_be16(p + 3), len + 2);
		assert_memory_equal(p + 5, "\x10\x02", 2);
		assert_memory_equal(p + 7, der, len);
		assert_int_not_equal(read_nv(fixture, indices[i], (uint32_t)len + 8, &answer), 0);
	}
}

/* TPM_PERMANENT_FLAGS: its tag, then one byte a flag. */
static void get_flags(struct fixture *fixture, struct tpm_answer *answer)
{
	struct tpm_command command;

	begin(&command, TPM12_ORD_GetCapability);
	tpm_put_u32(&command, 4); /* TPM_CAP_FLAG */
	tpm_put_u32(&command, 4);
	tpm_put_u32(&command, 0x108); /* TPM_CAP_FLAG_PERMANENT */
	assert_int_equal(fixture_run(fixture, &command, answer), 0);
	(void)tpm_get_bytes(&answer->body, 6);
}

enum { FLAG_DISABLE = 0, FLAG_DEACTIVATED = 2, FLAG_NV_LOCKED = 15 };

static void it_is_enabled_activated_and_locked_when_asked(void **state)
{
	struct fixture *fixture = *state;
	struct tpm_answer answer;

	set_tpm12(fixture);
	for (int locked = 0; locked < 2; locked++) {
		fixture->options.lock_nvram = locked != 0;
		fixture->options.existing = EXISTING_REPLACE;
		fixture_manufacture(fixture);
		get_flags(fixture, &answer);
		assert_int_equal(answer.body.p[FLAG_DISABLE], 0);
		assert_int_equal(answer.body.p[FLAG_DEACTIVATED], 0);
		assert_int_equal(answer.body.p[FLAG_NV_LOCKED], locked);
		fixture_stop(fixture);
		manufacture_result_done(&fixture->result);
	}
}

static void locked_nv_asks_for_the_owner(void **state)
{
	struct fixture *fixture = *state;

	set_tpm12(fixture);
	fixture->options.lock_nvram = true;
	fixture_manufacture(fixture);
	assert_int_not_equal(tpm12_write_certificate(&fixture->executor, 0x1000f004,
						     (const uint8_t *)"x", 1, NULL),
			     0);
}

static void pcrs_are_read(void **state)
{
	struct fixture *fixture = *state;
	struct tpm_command command;
	struct tpm_answer answer;

	set_tpm12(fixture);
	fixture_manufacture(fixture);
	begin(&command, TPM12_ORD_PcrRead);
	tpm_put_u32(&command, 0);
	assert_int_equal(fixture_run(fixture, &command, &answer), 0);
	assert_int_equal(answer.body.left, 20);
}

struct session {
	uint32_t handle;
	uint8_t even[20], odd[20];
};

static void open_session(struct fixture *fixture, struct session *session)
{
	struct tpm_command command;
	struct tpm_answer answer;

	begin(&command, TPM12_ORD_OIAP);
	assert_int_equal(fixture_run(fixture, &command, &answer), 0);
	session->handle = tpm_get_u32(&answer.body);
	memcpy(session->even, tpm_get_bytes(&answer.body, 20), 20);
	memset(session->odd, 7, 20);
}

/* Part 1, 14.1: HMAC(secret, SHA1(ordinal || parameters) || even || odd || continue). */
static void put_authorization(struct tpm_command *command, const struct session *session,
			      const uint8_t secret[20])
{
	uint8_t data[20 + 20 + 20 + 1] = { 0 }, mac[20];

	SHA1(command->bytes + 6, command->len - 6, data);
	memcpy(data + 20, session->even, 20);
	memcpy(data + 40, session->odd, 20);
	assert_non_null(HMAC(EVP_sha1(), secret, 20, data, sizeof(data), mac, NULL));
	tpm_put_u32(command, session->handle);
	tpm_put_bytes(command, session->odd, 20);
	tpm_put_u8(command, 0);
	tpm_put_bytes(command, mac, 20);
}

/* A secret for the TPM alone: OAEP with the label that TPM 1.2 has for everything. */
static void put_encrypted(struct tpm_command *command, EVP_PKEY *key, const uint8_t secret[20])
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
	uint8_t text[256];
	size_t len = sizeof(text);
	char *label = strdup("TCPA");

	assert_int_equal(EVP_PKEY_encrypt_init(context), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING), 1);
	assert_int_equal(EVP_PKEY_CTX_set0_rsa_oaep_label(context, label, 4), 1);
	assert_int_equal(EVP_PKEY_encrypt(context, text, &len, secret, 20), 1);
	EVP_PKEY_CTX_free(context);
	tpm_put_u32(command, (uint32_t)len);
	tpm_put_bytes(command, text, len);
}

/* TPM_KEY12 of a storage root key to be made. */
static void put_srk(struct tpm_command *command)
{
	tpm_put_u32(command, 0x00280000); /* tag, fill */
	tpm_put_u16(command, 0x0011);     /* storage */
	tpm_put_u32(command, 0);          /* flags */
	tpm_put_u8(command, 1);           /* authorization: always */
	tpm_put_u32(command, 1);          /* RSA */
	tpm_put_u16(command, 3);          /* OAEP */
	tpm_put_u16(command, 1);          /* signs nothing */
	tpm_put_u32(command, 12);
	tpm_put_u32(command, 2048);
	tpm_put_u32(command, 2);
	tpm_put_u32(command, 0);
	tpm_put_u32(command, 0); /* PCRs */
	tpm_put_u32(command, 0); /* public key */
	tpm_put_u32(command, 0); /* encrypted private key */
}

/* As a server does at its start. */
static void power_on(struct fixture *fixture, bool expected)
{
	bool restart;

	fixture_start(fixture, TPM_VERSION_1_2);
	assert_int_equal(firmware_prepare(&fixture->executor, TPM_VERSION_1_2, &restart, NULL), 0);
	assert_int_equal(restart, expected);
	if (restart) {
		tpm_stop(take_ptr(fixture->tpm));
		fixture_start(fixture, TPM_VERSION_1_2);
		assert_int_equal(
			firmware_prepare(&fixture->executor, TPM_VERSION_1_2, &restart, NULL), 0);
		assert_false(restart);
	}
	assert_int_equal(firmware_give_up_platform(&fixture->executor, TPM_VERSION_1_2, NULL), 0);
}

static void assert_active(struct fixture *fixture, bool active)
{
	struct tpm_answer answer;

	get_flags(fixture, &answer);
	assert_int_equal(answer.body.p[FLAG_DISABLE] == 0 && answer.body.p[FLAG_DEACTIVATED] == 0,
			 active);
}

static void a_new_tpm_is_active_and_has_a_key_once_it_was_switched_on(void **state)
{
	struct fixture *fixture = *state;
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *key = NULL;
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *same = NULL;

	power_on(fixture, false);
	assert_active(fixture, true);
	key = read_pubek(fixture);
	fixture_stop(fixture);
	power_on(fixture, false);
	same = read_pubek(fixture);
	assert_int_equal(EVP_PKEY_eq(key, same), 1);
}

static void take_ownership(struct fixture *fixture, const uint8_t owner[20])
{
	static const uint8_t srk[20];
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *key = read_pubek(fixture);
	struct tpm_command command;
	struct tpm_answer answer;
	struct session session;

	open_session(fixture, &session);
	tpm_command_begin(&command, 0x00c2, TPM12_ORD_TakeOwnership); /* TPM_TAG_RQU_AUTH1 */
	tpm_put_u16(&command, 0x0005);                                /* TPM_PID_OWNER */
	put_encrypted(&command, key, owner);
	put_encrypted(&command, key, srk);
	put_srk(&command);
	put_authorization(&command, &session, owner);
	assert_int_equal(fixture_run(fixture, &command, &answer), 0);
}

static void ownership_can_be_taken(void **state)
{
	static const uint8_t owner[20] = { 1, 2, 3 };
	struct fixture *fixture = *state;

	set_tpm12(fixture);
	fixture->options.lock_nvram = true;
	fixture_manufacture(fixture);
	assert_int_equal(firmware_give_up_platform(&fixture->executor, TPM_VERSION_1_2, NULL), 0);
	take_ownership(fixture, owner);
}

#define TPM12_ORD_OwnerClear 0x5b

static void a_tpm_whose_owner_left_is_active_at_the_next_start(void **state)
{
	static const uint8_t owner[20] = { 1, 2, 3 };
	struct fixture *fixture = *state;
	struct tpm_command command;
	struct tpm_answer answer;
	struct session session;

	power_on(fixture, false);
	for (int round = 0; round < 2; round++) {
		take_ownership(fixture, owner);
		fixture_stop(fixture);
		power_on(fixture, false);
		open_session(fixture, &session);
		tpm_command_begin(&command, 0x00c2, TPM12_ORD_OwnerClear);
		put_authorization(&command, &session, owner);
		assert_int_equal(fixture_run(fixture, &command, &answer), 0);
		assert_active(fixture, false);
		fixture_stop(fixture);
		power_on(fixture, true);
		assert_active(fixture, true);
	}
}

/* PHYSICAL_PRESENCE_LIFETIME_LOCK, and CMD_DISABLE before it. */
static void a_tpm_whose_presence_is_settled_for_life_still_starts(void **state)
{
	static const uint16_t settle[] = { 0x0100, 0x0080 };
	struct fixture *fixture = *state;
	struct tpm_command command;
	struct tpm_answer answer;

	power_on(fixture, false);
	for (size_t i = 0; i < 2; i++) {
		begin(&command, TPM12_ORD_TSC_PhysicalPresence);
		tpm_put_u16(&command, settle[i]);
		assert_int_equal(fixture_run(fixture, &command, &answer), 0);
	}
	fixture_stop(fixture);
	power_on(fixture, false);
	begin(&command, TPM12_ORD_TSC_PhysicalPresence);
	tpm_put_u16(&command, 0x0008);
	assert_int_not_equal(fixture_run(fixture, &command, &answer), 0);
}

static void who_has_the_platform_says_who_is_present(void **state)
{
	struct fixture *fixture = *state;
	struct tpm_command command;
	struct tpm_answer answer;

	fixture_start(fixture, TPM_VERSION_1_2);
	assert_int_equal(firmware_leave_platform(&fixture->executor, TPM_VERSION_1_2, NULL), 0);
	begin(&command, TPM12_ORD_TSC_PhysicalPresence);
	tpm_put_u16(&command, 0x0008);
	assert_int_equal(fixture_run(fixture, &command, &answer), 0);
}

static void physical_presence_is_given_up_until_the_next_start(void **state)
{
	struct fixture *fixture = *state;

	fixture_start(fixture, TPM_VERSION_1_2);
	assert_int_equal(tpm12_activate(&fixture->executor, NULL), 0);
	assert_int_equal(firmware_give_up_platform(&fixture->executor, TPM_VERSION_1_2, NULL), 0);
	assert_int_equal(tpm12_activate(&fixture->executor, NULL), -EIO);
	fixture_stop(fixture);
	fixture_start(fixture, TPM_VERSION_1_2);
	assert_int_equal(tpm12_activate(&fixture->executor, NULL), 0);
}

static void a_pubkey_that_is_none_is_refused(void **state)
{
	uint8_t good[24 + 4 + 256] = { 0, 0, 0, 1, 0, 3, 0, 1, 0, 0, 0, 12, 0, 0,   8,
				       0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 1,  0, 0xc1 };
	EVP_PKEY *key = NULL;

	(void)state;
	good[sizeof(good) - 1] = 1;
	assert_int_equal(tpm12_parse_pubkey(good, sizeof(good), &key, NULL), 0);
	EVP_PKEY_free(take_ptr(key));
	for (size_t len = 0; len < sizeof(good); len++)
		assert_int_equal(tpm12_parse_pubkey(good, len, &key, NULL), -EBADMSG);
	good[14] = 4; /* 1024 bits */
	assert_int_equal(tpm12_parse_pubkey(good, sizeof(good), &key, NULL), -EBADMSG);
	assert_null(key);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(the_ek_is_there_and_its_certificate_is_of_it),
		TEST(certificates_are_in_nv_behind_their_header),
		TEST(it_is_enabled_activated_and_locked_when_asked),
		TEST(locked_nv_asks_for_the_owner),
		TEST(pcrs_are_read),
		TEST(ownership_can_be_taken),
		TEST(a_new_tpm_is_active_and_has_a_key_once_it_was_switched_on),
		TEST(a_tpm_whose_owner_left_is_active_at_the_next_start),
		TEST(a_tpm_whose_presence_is_settled_for_life_still_starts),
		TEST(who_has_the_platform_says_who_is_present),
		TEST(physical_presence_is_given_up_until_the_next_start),
		TEST(a_pubkey_that_is_none_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
