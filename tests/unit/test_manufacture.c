/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include <jansson.h>

#include "certs/factory/firmware.h"
#include "certs/factory/nv.h"
#include "certs/factory/object.h"
#include "certs/x509/public.h"
#include "tests/unit/factory_fixture.h"
#include "tpm/tcg.h"
#include "util/bytes.h"
#include "util/file.h"

/* EK Credential Profile, and with NV locked. */
#define NV_WRITTEN_ATTRIBUTES 0x62072001
#define NV_LOCKED_ATTRIBUTES 0x62072801

static void set_eks(struct fixture *fixture, enum key_type first, enum key_type second)
{
	fixture->options.eks[0] = first;
	fixture->options.eks[1] = second;
	fixture->options.eks[2] = KEY_NONE;
}

/* The public half of what is at a persistent handle; the caller frees it. */
static EVP_PKEY *read_persistent(struct fixture *fixture, uint32_t handle, uint32_t *attributes)
{
	struct tpm_command command;
	struct tpm_answer answer;
	struct tpm_public public;
	EVP_PKEY *key = NULL;
	const uint8_t *area;
	size_t len;

	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_ReadPublic);
	tpm_put_u32(&command, handle);
	assert_int_equal(fixture_run(fixture, &command, &answer), 0);
	area = tpm_get_sized(&answer.body, &len);
	assert_int_equal(tpm_public_parse(area, len, &public), 0);
	assert_int_equal(tpm_public_to_pkey(&public, &key, NULL), 0);
	*attributes = public.attributes;
	return key;
}

static const struct made_certificate *find_certificate(const struct fixture *fixture,
						       uint32_t index)
{
	for (size_t i = 0; i < fixture->result.certificates_count; i++) {
		if (fixture->result.certificates[i].index == index)
			return &fixture->result.certificates[i];
	}
	return NULL;
}

/* NV has just this certificate, and it is one of the key at HANDLE. */
static void check_certificate(struct fixture *fixture, uint32_t index, uint32_t handle,
			      uint32_t nv_attributes)
{
	const struct made_certificate *made = find_certificate(fixture, index);
	uint8_t data[TPM_NV_INDEX_MAX], *der = NULL;
	size_t len, der_len;
	uint32_t attributes, key_attributes;
	EVP_PKEY *key = read_persistent(fixture, handle, &key_attributes);

	assert_non_null(made);
	assert_int_equal(nv_read_public(&fixture->executor, index, &attributes, &len, NULL), 0);
	assert_int_equal(attributes, nv_attributes);
	assert_int_equal(nv_read(&fixture->executor, index, data, &len, NULL), 0);
	assert_int_equal(x509_to_der(made->certificate, &der, &der_len, NULL), 0);
	assert_int_equal(len, der_len);
	assert_memory_equal(data, der, len);
	assert_true(x509_has_key(made->certificate, key));
	free(der);
	EVP_PKEY_free(key);
}

static size_t count_handles(struct fixture *fixture, uint32_t first)
{
	struct tpm_command command;
	struct tpm_answer answer;

	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_GetCapability);
	tpm_put_u32(&command, TPM2_CAP_HANDLES);
	tpm_put_u32(&command, first);
	tpm_put_u32(&command, 64);
	assert_int_equal(fixture_run(fixture, &command, &answer), 0);
	(void)tpm_get_bytes(&answer.body, 5);
	return tpm_get_u32(&answer.body);
}

static void the_default_tpm_has_two_eks_and_three_certificates(void **state)
{
	struct fixture *fixture = *state;
	uint32_t attributes;
	size_t size;

	fixture_manufacture(fixture);
	assert_int_equal(fixture->memory.stores > 0, true);
	check_certificate(fixture, 0x01c00002, 0x81010001, NV_WRITTEN_ATTRIBUTES);
	check_certificate(fixture, 0x01c00016, 0x81010016, NV_WRITTEN_ATTRIBUTES);
	check_certificate(fixture, 0x01c08000, 0x81010001, NV_WRITTEN_ATTRIBUTES);
	assert_int_equal(count_handles(fixture, 0x81000000), 2);
	assert_int_equal(count_handles(fixture, 0x01000000), 3);
	assert_int_equal(nv_read_public(&fixture->executor, 0x01c00004, &attributes, &size, NULL),
			 -ENOENT);
}

static void each_kind_of_ek_is_made_again_from_its_template(void **state)
{
	static const enum key_type types[] = { KEY_P256, KEY_P384, KEY_P521, KEY_RSA_3072 };
	struct fixture *fixture = *state;

	set_eks(fixture, KEY_P256, KEY_P384);
	fixture->options.eks[2] = KEY_P521;
	fixture->options.eks[3] = KEY_RSA_3072;
	fixture->options.eks[4] = KEY_NONE;
	fixture_manufacture(fixture);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		const struct key_type_info *info = key_type_info(types[i]);
		const struct key_template template = { .role = ROLE_EK, .type = types[i] };
		cleanup_with(EVP_PKEY_freep) EVP_PKEY *again = NULL;

		check_certificate(fixture, info->ek_certificate, info->ek_handle,
				  NV_WRITTEN_ATTRIBUTES);
		assert_int_equal(object_make(&fixture->executor, &template,
					     0x81000100 + (uint32_t)i, &again, NULL),
				 0);
		assert_true(x509_has_key(
			find_certificate(fixture, info->ek_certificate)->certificate, again));
	}
}

static void no_transient_object_is_left_behind(void **state)
{
	struct fixture *fixture = *state;
	const struct key_template template = { .role = ROLE_EK, .type = KEY_P256 };

	fixture_start(fixture, TPM_VERSION_2);
	for (uint32_t i = 0; i < 5; i++) {
		cleanup_with(EVP_PKEY_freep) EVP_PKEY *key = NULL;

		assert_int_equal(
			object_make(&fixture->executor, &template, 0x81000010 + i, &key, NULL), 0);
	}
	assert_int_equal(count_handles(fixture, 0x80000000), 0);
}

static uint32_t overwrite(struct fixture *fixture, uint32_t index)
{
	struct tpm_command command;
	struct tpm_answer answer;

	tpm_command_begin(&command, TPM2_ST_SESSIONS, TPM2_CC_NV_Write);
	tpm_put_u32(&command, TPM2_RH_PLATFORM);
	tpm_put_u32(&command, index);
	tpm_put_empty_auth(&command);
	tpm_put_sized(&command, "x", 1);
	tpm_put_u16(&command, 0);
	return fixture_run(fixture, &command, &answer);
}

static void locked_nv_is_locked_for_ever(void **state)
{
	struct fixture *fixture = *state;

	set_eks(fixture, KEY_P384, KEY_NONE);
	fixture->options.lock_nvram = true;
	fixture_manufacture(fixture);
	for (int start = 0; start < 2; start++) {
		check_certificate(fixture, 0x01c00016, 0x81010016, NV_LOCKED_ATTRIBUTES);
		check_certificate(fixture, 0x01c08000, 0x81010016, NV_LOCKED_ATTRIBUTES);
		assert_int_equal(overwrite(fixture, 0x01c00016), 0x148); /* TPM_RC_NV_LOCKED */
		fixture_stop(fixture);
		fixture_start(fixture, TPM_VERSION_2);
	}
}

static void nv_that_is_not_locked_is_the_platforms_to_write(void **state)
{
	struct fixture *fixture = *state;

	set_eks(fixture, KEY_P384, KEY_NONE);
	fixture_manufacture(fixture);
	assert_int_equal(overwrite(fixture, 0x01c00016), 0);
}

/* An EK that signs is not the one of TCG's template: NV has its own, where TCG wants it. */
static void a_signing_ek_leaves_its_template_in_nv(void **state)
{
	static const struct {
		enum key_type type;
		uint32_t index, handle;
	} cases[] = { { KEY_P256, 0x01c0000c, 0x8101000a }, { KEY_P384, 0x01c00017, 0x81010016 } };
	struct fixture *fixture = *state;
	uint8_t data[TPM_NV_INDEX_MAX], expected[TEMPLATE_MAX];
	uint32_t attributes;
	size_t len;

	set_eks(fixture, KEY_P256, KEY_P384);
	fixture->options.ek_may_sign = true;
	fixture_manufacture(fixture);
	for (size_t i = 0; i < 2; i++) {
		const struct key_template template = { ROLE_EK, cases[i].type, true, false };
		size_t expected_len = key_template_write(&template, expected);

		assert_int_equal(nv_read(&fixture->executor, cases[i].index, data, &len, NULL), 0);
		assert_int_equal(len, expected_len);
		assert_memory_equal(data, expected, len);
		EVP_PKEY_free(read_persistent(fixture, cases[i].handle, &attributes));
		assert_int_equal(attributes & TPM2_OBJECT_SIGN, TPM2_OBJECT_SIGN);
		assert_int_equal(attributes & TPM2_OBJECT_DECRYPT, 0);
	}
	/* Where a tool looks for a nonce it finds one that changes nothing. */
	assert_int_equal(nv_read(&fixture->executor, 0x01c0000b, data, &len, NULL), 0);
	assert_int_equal(len, 0);
}

static void a_template_in_nv_is_locked_like_a_certificate(void **state)
{
	static const uint32_t indices[] = { 0x01c0000c, 0x01c0000b, 0x01c0000a };
	struct fixture *fixture = *state;
	uint32_t attributes;
	size_t size;

	set_eks(fixture, KEY_P256, KEY_NONE);
	fixture->options.ek_may_sign = true;
	fixture->options.lock_nvram = true;
	fixture_manufacture(fixture);
	for (size_t i = 0; i < sizeof(indices) / sizeof(indices[0]); i++) {
		assert_int_equal(
			nv_read_public(&fixture->executor, indices[i], &attributes, &size, NULL),
			0);
		assert_int_equal(attributes, NV_LOCKED_ATTRIBUTES);
	}
	assert_int_equal(overwrite(fixture, 0x01c0000c), 0x148); /* TPM_RC_NV_LOCKED */
}

static void an_srk_is_kept_where_the_system_looks_for_it(void **state)
{
	static const struct {
		enum key_type type;
		int bits;
	} srks[] = { { KEY_P256, 256 }, { KEY_P384, 384 } };
	struct fixture *fixture = *state;

	set_eks(fixture, KEY_P384, KEY_NONE);
	fixture->options.existing = EXISTING_REPLACE;
	for (size_t i = 0; i < sizeof(srks) / sizeof(srks[0]); i++) {
		uint32_t attributes;
		EVP_PKEY *key;

		fixture->options.srk = srks[i].type;
		fixture_manufacture(fixture);
		key = read_persistent(fixture, 0x81000001, &attributes);
		assert_int_equal(EVP_PKEY_get_bits(key), srks[i].bits);
		assert_int_equal(attributes, 0x00030472);
		EVP_PKEY_free(key);
		fixture_stop(fixture);
		manufacture_result_done(&fixture->result);
	}
}

static void identity_keys_and_their_certificates_are_made(void **state)
{
	struct fixture *fixture = *state;

	set_eks(fixture, KEY_P384, KEY_NONE);
	fixture->options.iak = KEY_P384;
	fixture->options.idevid = KEY_RSA_2048;
	fixture_manufacture(fixture);
	check_certificate(fixture, 0x01c90100, 0x81020001, NV_WRITTEN_ATTRIBUTES);
	check_certificate(fixture, 0x01c90200, 0x81020000, NV_WRITTEN_ATTRIBUTES);
}

static void check_banks(struct fixture *fixture, const char *list)
{
	struct pcr_banks expected, active;

	assert_int_equal(pcr_banks_parse(list, &expected, NULL), 0);
	assert_int_equal(pcr_banks_get(&fixture->executor, true, &active, NULL), 0);
	assert_int_equal(active.count, expected.count);
	for (size_t i = 0; i < active.count; i++) {
		bool found = false;

		for (size_t j = 0; j < expected.count; j++)
			found = found || active.algorithms[i] == expected.algorithms[j];
		assert_true(found);
	}
}

static void pcr_banks_are_exactly_those_asked_for(void **state)
{
	static const char *const lists[] = { "sha256", "sha1", "sha384,sha256", "sha512,sha1",
					     "sha1,sha256,sha384,sha512" };
	struct fixture *fixture = *state;

	set_eks(fixture, KEY_NONE, KEY_NONE);
	fixture->options.ek_certificates = fixture->options.platform_certificate = false;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		assert_int_equal(pcr_banks_parse(lists[i], &fixture->options.banks, NULL), 0);
		fixture_manufacture(fixture);
		check_banks(fixture, lists[i]);
		fixture_stop(fixture);
		fixture_start(fixture, TPM_VERSION_2);
		check_banks(fixture, lists[i]);
		fixture_stop(fixture);
		memory_storage_done(&fixture->memory);
	}
}

static void without_a_word_there_is_sha256_alone(void **state)
{
	struct fixture *fixture = *state;

	set_eks(fixture, KEY_P384, KEY_NONE);
	fixture_manufacture(fixture);
	check_banks(fixture, "sha256");
}

static void banks_may_be_left_as_the_tpm_has_them(void **state)
{
	struct fixture *fixture = *state;

	set_eks(fixture, KEY_P384, KEY_NONE);
	fixture->options.leave_pcr_banks = true;
	fixture_manufacture(fixture);
	check_banks(fixture, "sha1,sha256,sha384,sha512");
	assert_int_equal(fixture->result.banks.count, 4);
}

static void hierarchies_keep_their_empty_passwords(void **state)
{
	static const uint32_t hierarchies[] = { TPM2_RH_OWNER, TPM2_RH_ENDORSEMENT, TPM2_RH_LOCKOUT,
						TPM2_RH_PLATFORM };
	struct fixture *fixture = *state;

	set_eks(fixture, KEY_P384, KEY_NONE);
	fixture_manufacture(fixture);
	for (size_t i = 0; i < 4; i++) {
		struct tpm_command command;
		struct tpm_answer answer;

		tpm_command_begin(&command, TPM2_ST_SESSIONS, TPM2_CC_HierarchyChangeAuth);
		tpm_put_u32(&command, hierarchies[i]);
		tpm_put_empty_auth(&command);
		tpm_put_u16(&command, 0);
		assert_int_equal(fixture_run(fixture, &command, &answer), 0);
	}
}

static void the_platform_is_given_up_until_the_next_start(void **state)
{
	struct fixture *fixture = *state;

	fixture_start(fixture, TPM_VERSION_2);
	assert_int_equal(firmware_give_up_platform(&fixture->executor, TPM_VERSION_2, NULL), 0);
	assert_int_equal(
		firmware_give_up_platform(&fixture->executor, TPM_VERSION_2, &fixture->err), -EIO);
	assert_int_equal(pcr_banks_set(&fixture->executor,
				       &(struct pcr_banks){ { TPM2_ALG_SHA1 }, 1 }, NULL),
			 -EIO);
	fixture_stop(fixture);
	fixture_start(fixture, TPM_VERSION_2);
	assert_int_equal(firmware_give_up_platform(&fixture->executor, TPM_VERSION_2, NULL), 0);
}

/* Listens to what the TPM's new platform password is. */
struct eavesdropper {
	struct tpm_executor real;
	uint8_t password[32];
};

static int listen_and_execute(void *context, const uint8_t *command, size_t len,
			      const uint8_t **response, size_t *response_len)
{
	struct eavesdropper *ear = context;

	/* Header, handle and an empty session are before it. */
	assert_int_equal(len, 27 + 2 + sizeof(ear->password));
	assert_int_equal(get_be16(command + 27), sizeof(ear->password));
	memcpy(ear->password, command + 29, sizeof(ear->password));
	return ear->real.execute(ear->real.context, command, len, response, response_len);
}

static void give_up_and_tell(struct fixture *fixture, uint8_t password[static 32])
{
	struct eavesdropper ear = { .real = fixture->executor };
	const struct tpm_executor executor = { .execute = listen_and_execute, .context = &ear };

	assert_int_equal(firmware_give_up_platform(&executor, TPM_VERSION_2, NULL), 0);
	memcpy(password, ear.password, sizeof(ear.password));
}

/* As the platform with this password; the password stays what it is. */
static uint32_t be_the_platform(struct fixture *fixture, const uint8_t password[static 32])
{
	struct tpm_command command;
	struct tpm_answer answer;

	tpm_command_begin(&command, TPM2_ST_SESSIONS, TPM2_CC_HierarchyChangeAuth);
	tpm_put_u32(&command, TPM2_RH_PLATFORM);
	tpm_put_u32(&command, 9 + 32);
	tpm_put_u32(&command, 0x40000009); /* TPM_RS_PW */
	tpm_put_u16(&command, 0);
	tpm_put_u8(&command, 0);
	tpm_put_sized(&command, password, 32);
	tpm_put_sized(&command, password, 32);
	return fixture_run(fixture, &command, &answer);
}

static void the_platforms_password_is_another_one_at_each_start(void **state)
{
	struct fixture *fixture = *state;
	uint8_t first[32], second[32];

	fixture_start(fixture, TPM_VERSION_2);
	give_up_and_tell(fixture, first);
	assert_int_equal(be_the_platform(fixture, first), 0);
	fixture_stop(fixture);
	fixture_start(fixture, TPM_VERSION_2);
	give_up_and_tell(fixture, second);
	assert_memory_not_equal(first, second, sizeof(first));
	assert_int_equal(be_the_platform(fixture, first), 0x9a2); /* TPM_RC_BAD_AUTH, session 1 */
	assert_int_equal(be_the_platform(fixture, second), 0);
}

/* Fails, says so, and has stored nothing. */
static void refused(struct fixture *fixture, int expected, const char *text)
{
	unsigned int stores = fixture->memory.stores;
	int r;

	memset(&fixture->err, 0, sizeof(fixture->err));
	r = manufacture(&fixture->options, &fixture->storage, &fixture->result, &fixture->err);
	assert_int_equal(r, expected);
	assert_string_equal(fixture->err.text, text);
	assert_int_equal(fixture->memory.stores, stores);
	manufacture_result_done(&fixture->result);
}

static void what_this_tpm_cannot_make_is_said_before_anything_is_done(void **state)
{
	struct fixture *fixture = *state;

	set_eks(fixture, KEY_RSA_4096, KEY_NONE);
	refused(fixture, -ENOTSUP, "this TPM cannot make rsa4096 keys");
	set_eks(fixture, KEY_P384, KEY_NONE);
	assert_int_equal(pcr_banks_parse("sm3-256,sha256", &fixture->options.banks, NULL), 0);
	refused(fixture, -ENOTSUP, "this TPM has no PCR bank 'sm3-256'");
}

static void what_no_tpm_can_be_is_refused(void **state)
{
	struct fixture *fixture = *state;

	set_eks(fixture, KEY_P384, KEY_P384);
	refused(fixture, -EINVAL, "two endorsement keys of type ecc_nist_p384");
	set_eks(fixture, KEY_NONE, KEY_NONE);
	refused(fixture, -EINVAL,
		"certificates need an endorsement key: with --ek none, --certs none");
	set_eks(fixture, KEY_P384, KEY_NONE);
	fixture->options.iak = KEY_P384;
	fixture->options.ek_certificates = false;
	refused(fixture, -EINVAL, "IAK and IDevID need an EK certificate");
	fixture->options.iak = KEY_NONE;
	fixture->options.ek_certificates = true;
	fixture->options.tpm_manufacturer = "IBM";
	refused(fixture, -EINVAL, "--tpm-manufacturer: 'IBM' is not 'id:' and 8 hex digits");
	fixture->options.tpm_manufacturer = NULL;
	fixture->options.ca.urls.crl = "ftp://x";
	refused(fixture, -EINVAL, "--crl-url: 'ftp://x' is not a URL of http, https or ldap");
	fixture->options.ca.urls.crl = NULL;
	fixture->options.subject = "";
	refused(fixture, -EINVAL, "ek certificate: a certificate's subject is not empty");
	fixture->options.subject = NULL;
	fixture->options.version = TPM_VERSION_1_2;
	fixture->options.srk = KEY_P256;
	refused(fixture, -EINVAL, "a TPM 1.2 has no PCR banks, SRK, IAK, IDevID or signing EK");
}

static void an_existing_tpm_is_replaced_only_when_asked(void **state)
{
	struct fixture *fixture = *state;
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *old = NULL, *kept = NULL, *new = NULL;
	uint32_t attributes;

	set_eks(fixture, KEY_P384, KEY_NONE);
	fixture_manufacture(fixture);
	old = read_persistent(fixture, 0x81010016, &attributes);
	fixture_stop(fixture);
	manufacture_result_done(&fixture->result);

	refused(fixture, -EEXIST,
		"there is a TPM already: --overwrite makes another one in its place, "
		"--not-overwrite leaves it");
	fixture->options.existing = EXISTING_KEEP;
	fixture_manufacture(fixture);
	assert_true(fixture->result.kept);
	assert_int_equal(fixture->result.keys_count, 0);
	kept = read_persistent(fixture, 0x81010016, &attributes);
	assert_int_equal(EVP_PKEY_eq(old, kept), 1);
	fixture_stop(fixture);

	fixture->options.existing = EXISTING_REPLACE;
	fixture_manufacture(fixture);
	assert_false(fixture->result.kept);
	new = read_persistent(fixture, 0x81010016, &attributes);
	assert_int_not_equal(EVP_PKEY_eq(old, new), 1);
}

static void an_unreadable_state_is_neither_kept_nor_replaced(void **state)
{
	struct fixture *fixture = *state;

	fixture->options.existing = EXISTING_REPLACE;
	fixture->memory.load_error = -EBADMSG;
	refused(fixture, -EBADMSG, "look for an existing TPM: Bad message");
}

static void a_state_that_cannot_be_stored_is_an_error(void **state)
{
	struct fixture *fixture = *state;

	set_eks(fixture, KEY_P384, KEY_NONE);
	fixture->memory.store_error = -ENOSPC;
	refused(fixture, -ENOSPC, "store the new TPM's state: No space left on device");
	fixture->memory.store_error = 0;
	fixture_manufacture(fixture); /* and the next try is as good as the first */
}

static void a_tpm_that_was_not_replaced_is_whole(void **state)
{
	struct fixture *fixture = *state;
	char certificates[80], path[128];
	uint8_t *data = NULL;
	size_t len = 0;

	set_eks(fixture, KEY_P384, KEY_NONE);
	fixture_manufacture(fixture);
	fixture_stop(fixture);
	manufacture_result_done(&fixture->result);
	assert_int_equal(fixture->storage.store(&fixture->memory, BLOB_SAVESTATE,
						(const uint8_t *)"saved", 5),
			 0);
	(void)snprintf(certificates, sizeof(certificates), "%s/out", fixture->dir);
	assert_int_equal(mkdir(certificates, 0755), 0);
	fixture_write(fixture, "out/platform.crt", "old", 0644, path);

	fixture->options.existing = EXISTING_REPLACE;
	fixture->options.certificate_dir = certificates;
	fixture->memory.store_error = -ENOSPC;
	refused(fixture, -ENOSPC, "store the new TPM's state: No space left on device");
	assert_int_equal(fixture->storage.load(&fixture->memory, BLOB_SAVESTATE, &data, &len), 0);
	free(data);
	data = NULL;
	assert_int_equal(read_path(path, 3, (char **)&data, &len), 0);
	assert_memory_equal(data, "old", 3);
	free(data);

	fixture->memory.store_error = 0;
	fixture_manufacture(fixture);
	data = NULL;
	assert_int_equal(fixture->storage.load(&fixture->memory, BLOB_SAVESTATE, &data, &len),
			 -ENOENT);
	assert_int_equal(read_path(path, 3, (char **)&data, &len), -EFBIG);
}

static void copies_that_cannot_be_written_are_told_with_the_tpm_made(void **state)
{
	struct fixture *fixture = *state;
	char certificates[96], path[128];

	set_eks(fixture, KEY_P384, KEY_NONE);
	(void)snprintf(certificates, sizeof(certificates), "%s/no/out", fixture->dir);
	fixture->options.certificate_dir = certificates;
	assert_int_equal(
		manufacture(&fixture->options, &fixture->storage, &fixture->result, &fixture->err),
		-ENOENT);
	(void)snprintf(path, sizeof(path), "make directory %s: ", certificates);
	assert_non_null(strstr(fixture->err.text,
			       "the TPM was made, but not the copies of its certificates: "));
	assert_non_null(strstr(fixture->err.text, path));
	assert_true(fixture->result.made);
	fixture_start(fixture, TPM_VERSION_2);
}

static unsigned int count_stores(struct fixture *fixture)
{
	unsigned int before = fixture->memory.stores;

	assert_int_equal(manufacture(&fixture->options, &fixture->storage, &fixture->result, NULL),
			 0);
	return fixture->memory.stores - before;
}

static void the_state_is_stored_once(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(count_stores(fixture), 1);
}

static void remember(void *context, const char *step)
{
	(void)strcat(context, step);
	(void)strcat(context, "\n");
}

static void each_step_is_told(void **state)
{
	struct fixture *fixture = *state;
	char text[1024] = "";

	set_eks(fixture, KEY_P384, KEY_NONE);
	fixture->options.progress = remember;
	fixture->options.progress_context = text;
	fixture_manufacture(fixture);
	assert_string_equal(text, "opening the CA\n"
				  "making a new TPM 2.0\n"
				  "choosing PCR banks\n"
				  "making endorsement key ecc_nist_p384 at 0x81010016\n"
				  "issuing ek certificate for NV index 0x01c00016\n"
				  "issuing platform certificate for NV index 0x01c08000\n"
				  "storing the state\n");
}

static void the_result_is_told_as_json(void **state)
{
	struct fixture *fixture = *state;
	char certificates[80], *text = NULL;
	const char *handle, *nv_index, *path, *sha256;
	int locked;
	json_t *root;

	set_eks(fixture, KEY_P384, KEY_NONE);
	(void)snprintf(certificates, sizeof(certificates), "%s/out", fixture->dir);
	fixture->options.certificate_dir = certificates;
	fixture->options.lock_nvram = true;
	fixture_manufacture(fixture);
	assert_int_equal(manufacture_result_json(&fixture->result, &text, NULL), 0);
	root = json_loads(text, 0, NULL);
	assert_int_equal(json_unpack(root, "{s:b, s:[{s:s}], s:[{s:s, s:s, s:s}, {}], s:[s]}",
				     "nvramLocked", &locked, "keys", "handle", &handle,
				     "certificates", "nvIndex", &nv_index, "path", &path, "sha256",
				     &sha256, "pcrBanks", &(const char *){ NULL }),
			 0);
	assert_true(locked);
	assert_string_equal(handle, "0x81010016");
	assert_string_equal(nv_index, "0x01c00016");
	assert_int_equal(strlen(sha256), 64);
	assert_non_null(strstr(path, "/out/ek-secp384r1.crt"));
	assert_int_equal(access(path, R_OK), 0);
	json_decref(root);
	free(text);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(the_default_tpm_has_two_eks_and_three_certificates),
		TEST(each_kind_of_ek_is_made_again_from_its_template),
		TEST(no_transient_object_is_left_behind),
		TEST(locked_nv_is_locked_for_ever),
		TEST(nv_that_is_not_locked_is_the_platforms_to_write),
		TEST(a_signing_ek_leaves_its_template_in_nv),
		TEST(a_template_in_nv_is_locked_like_a_certificate),
		TEST(an_srk_is_kept_where_the_system_looks_for_it),
		TEST(identity_keys_and_their_certificates_are_made),
		TEST(pcr_banks_are_exactly_those_asked_for),
		TEST(without_a_word_there_is_sha256_alone),
		TEST(banks_may_be_left_as_the_tpm_has_them),
		TEST(hierarchies_keep_their_empty_passwords),
		TEST(the_platform_is_given_up_until_the_next_start),
		TEST(the_platforms_password_is_another_one_at_each_start),
		TEST(what_this_tpm_cannot_make_is_said_before_anything_is_done),
		TEST(what_no_tpm_can_be_is_refused),
		TEST(an_existing_tpm_is_replaced_only_when_asked),
		TEST(an_unreadable_state_is_neither_kept_nor_replaced),
		TEST(a_state_that_cannot_be_stored_is_an_error),
		TEST(a_tpm_that_was_not_replaced_is_whole),
		TEST(copies_that_cannot_be_written_are_told_with_the_tpm_made),
		TEST(the_state_is_stored_once),
		TEST(each_step_is_told),
		TEST(the_result_is_told_as_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
