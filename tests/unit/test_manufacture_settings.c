/* SPDX-License-Identifier: BSD-3-Clause */
/* certs/factory/settings.c: the options of who makes a TPM. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "certs/factory/settings.h"
#include "tpm/tcg.h"
#include "util/error.h"

static struct manufacture_options options;
static struct secret *password;

static int read_settings(const struct manufacture_settings *settings, struct error *err)
{
	secret_free(take_ptr(password));
	return manufacture_settings_read(settings, TPM_VERSION_2, &options, &password, err);
}

struct refusal {
	struct manufacture_settings settings;
	const char *text;
};

static void refused(const struct refusal *cases, size_t count, enum tpm_version version)
{
	for (size_t i = 0; i < count; i++) {
		struct error err;

		secret_free(take_ptr(password));
		assert_int_equal(manufacture_settings_read(&cases[i].settings, version, &options,
							   &password, &err),
				 -EINVAL);
		assert_string_equal(err.text, cases[i].text);
	}
}

static int forget(void **state)
{
	(void)state;
	secret_free(take_ptr(password));
	return 0;
}

static void without_a_word_everything_is_made(void **state)
{
	const struct manufacture_settings settings = { 0 };

	(void)state;
	assert_int_equal(read_settings(&settings, NULL), 0);
	assert_int_equal(options.eks[0], KEY_RSA_2048);
	assert_int_equal(options.eks[1], KEY_P384);
	assert_int_equal(options.eks[2], KEY_NONE);
	assert_true(options.ek_certificates && options.platform_certificate);
	assert_int_equal(options.existing, EXISTING_FAIL);
	assert_int_equal(options.banks.count, 0);
	assert_false(options.leave_pcr_banks);
	assert_int_equal(options.srk, KEY_NONE);
	assert_int_equal(options.iak, KEY_NONE);
	assert_null(password);
}

static void each_word_has_its_effect(void **state)
{
	const struct manufacture_settings settings = {
		.ek = "ecc_nist_p256",
		.certs = "ek",
		.pcr_banks = "sha384,sha1",
		.spk = "",
		.iak_idevid = "rsa2048",
		.given.ca.command = "/bin/sh",
		.ca_timeout = "5",
		.given.lock_nvram = true,
		.overwrite = true,
		.given.subject = "me",
	};

	(void)state;
	assert_int_equal(read_settings(&settings, NULL), 0);
	assert_int_equal(options.eks[0], KEY_P256);
	assert_int_equal(options.eks[1], KEY_NONE);
	assert_true(options.ek_certificates && !options.platform_certificate);
	assert_int_equal(options.banks.count, 2);
	assert_int_equal(options.banks.algorithms[0], TPM2_ALG_SHA384);
	assert_int_equal(options.srk, KEY_RSA_2048);
	assert_int_equal(options.iak, KEY_RSA_2048);
	assert_int_equal(options.idevid, KEY_RSA_2048);
	assert_int_equal(options.ca.timeout_ms, 5000);
	assert_int_equal(options.existing, EXISTING_REPLACE);
	assert_string_equal(options.subject, "me");
}

static void lists_may_say_none(void **state)
{
	const struct manufacture_settings settings = {
		.ek = "none", .certs = "none", .pcr_banks = "-", .not_overwrite = true
	};

	(void)state;
	assert_int_equal(read_settings(&settings, NULL), 0);
	assert_int_equal(options.eks[0], KEY_NONE);
	assert_false(options.ek_certificates || options.platform_certificate);
	assert_true(options.leave_pcr_banks);
	assert_int_equal(options.existing, EXISTING_KEEP);
}

static void every_key_type_fits_into_the_list_and_no_more(void **state)
{
	struct manufacture_settings settings = {
		.ek = "rsa2048,rsa3072,rsa4096,ecc_nist_p256,ecc_nist_p384,ecc_nist_p521"
	};
	struct error err;

	(void)state;
	assert_int_equal(read_settings(&settings, NULL), 0);
	assert_int_equal(options.eks[EK_MAX - 1], KEY_P521);
	assert_int_equal(options.eks[EK_MAX], KEY_NONE);
	settings.ek = "rsa,rsa,rsa,rsa,rsa,rsa,rsa";
	assert_int_equal(read_settings(&settings, &err), -EINVAL);
	assert_string_equal(err.text, "--ek: more than 6 keys");
}

static void a_password_is_read_from_where_it_is(void **state)
{
	struct manufacture_settings settings = { .given.ca.key_uri = "file:x",
						 .given.ca.chain_file = "y" };
	char spec[32];
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "secret\n", 7), 7);
	(void)close(fds[1]);
	(void)snprintf(spec, sizeof(spec), "fd=%d", fds[0]);
	settings.ca_password = spec;
	/* A check leaves it there. */
	assert_int_equal(manufacture_settings_read(&settings, TPM_VERSION_2, &options, NULL, NULL),
			 0);
	assert_int_equal(read_settings(&settings, NULL), 0);
	assert_int_equal(options.ca.password->len, 6);
	assert_memory_equal(options.ca.password->bytes, "secret", 6);
	assert_ptr_equal(options.ca.password, password);
}

static void each_contradiction_has_its_sentence(void **state)
{
	static const struct refusal cases[] = {
		{ { .overwrite = true, .not_overwrite = true },
		  "--overwrite and --not-overwrite exclude each other" },
		{ { .certs = "ek,iak" }, "'iak' is no list of certificates: ek, platform or none" },
		{ { .certs = "ek," }, "'' is no list of certificates: ek, platform or none" },
		{ { .pcr_banks = "sha1,sha1" }, "--pcr-banks: PCR bank 'sha1' is named twice" },
		{ { .given.profile = "name=null" },
		  "--profile: 'name=null' is neither the name of a profile nor JSON" },
		{ { .given.ca.command = "/x", .given.ca.dir = "/y" },
		  "--ca-command excludes the options of a CA that signs here" },
		{ { .ca_timeout = "3" }, "--ca-timeout is for --ca-command" },
		{ { .given.ca.key_uri = "x", .given.ca.chain_file = "y", .given.ca.dir = "z" },
		  "--ca-dir and --ca-key exclude each other" },
		{ { .given.ca.key_uri = "x" }, "--ca-key and --ca-cert belong together" },
		{ { .given.ca.key_uri = "pkcs11:token=x?pin-value=1234",
		    .given.ca.chain_file = "y" },
		  "--ca-key: a PIN on the command line is for everybody to see: "
		  "give it with --ca-password" },
		{ { .ca_password = "fd=0" }, "--ca-password is for --ca-key" },
		{ { .given.ca.command = "/bin/sh", .ca_timeout = "3601" },
		  "--ca-timeout: '3601' is not a number of seconds from 1 to 3600" },
		{ { .given.ca.command = "/bin/sh", .ca_timeout = "0" },
		  "--ca-timeout: '0' is not a number of seconds from 1 to 3600" },
		{ { .given.ca.command = "/bin/sh", .ca_timeout = "" },
		  "--ca-timeout: '' is not a number of seconds from 1 to 3600" },
		{ { .given.ca.command = "bin/sh" },
		  "--ca-command: 'bin/sh' is not an absolute path" },
		{ { .given.ca.command = "/nonexistent" },
		  "--ca-command: /nonexistent: there is no such file" },
		{ { .given.ca.command = "/etc/passwd" },
		  "--ca-command: /etc/passwd: it cannot be executed" },
		{ { .given.ca.command = "/bin" }, "--ca-command: /bin is not a regular file" },
		{ { .certs = "none", .given.ca.dir = "x" },
		  "--ca-dir is for certificates, and there are to be none" },
		{ { .certs = "none", .given.ca.key_uri = "x", .given.ca.chain_file = "x" },
		  "--ca-key is for certificates, and there are to be none" },
		{ { .certs = "none", .given.ca.command = "/bin/sh" },
		  "--ca-command is for certificates, and there are to be none" },
		{ { .certs = "none", .given.ca.urls.crl = "http://x" },
		  "--crl-url is for certificates, and there are to be none" },
		{ { .certs = "none", .given.ca.urls.issuer = "http://x" },
		  "--issuer-url is for certificates, and there are to be none" },
		{ { .certs = "none", .given.certificate_dir = "x" },
		  "--write-certs is for certificates, and there are to be none" },
		{ { .given.subject = "" }, "--vmid: a text has 1 to 4096 bytes, not 0" },
		{ { .given.subject = "a\xff" },
		  "--vmid: byte 2 is not UTF-8, or a control character" },
		{ { .given.tpm_model = "" }, "--tpm-model: a text has 1 to 256 bytes, not 0" },
		{ { .given.platform_manufacturer = "a\nb" },
		  "--platform-manufacturer: byte 2 is not UTF-8, or a control character" },
		{ { .given.platform_model = "\xed\xa0\x80" },
		  "--platform-model: byte 1 is not UTF-8, or a control character" },
		{ { .given.platform_version = "\xc2\x85" },
		  "--platform-version: byte 1 is not UTF-8, or a control character" },
	};

	(void)state;
	refused(cases, sizeof(cases) / sizeof(cases[0]), TPM_VERSION_2);
}

static void a_check_looks_for_nothing_that_a_finished_tpm_does_without(void **state)
{
	static const struct manufacture_settings settings = { .given.ca.command = "/nonexistent" };
	struct error err = { "" };

	(void)state;
	assert_int_equal(manufacture_settings_read(&settings, TPM_VERSION_2, &options, NULL, &err),
			 0);
	assert_int_equal(read_settings(&settings, &err), -EINVAL);
}

static void a_text_has_at_most_256_bytes(void **state)
{
	char text[258];
	struct manufacture_settings settings = { .given.tpm_model = text,
						 .given.subject = "\xc3\xa4 1" };
	struct error err;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[256] = '\0';
	assert_int_equal(read_settings(&settings, NULL), 0);
	text[256] = 'x';
	text[257] = '\0';
	assert_int_equal(read_settings(&settings, &err), -EINVAL);
	assert_string_equal(err.text, "--tpm-model: a text has 1 to 256 bytes, not 257");
}

static void what_a_tpm_12_has_not_is_refused(void **state)
{
	static const struct refusal cases[] = {
		{ { .ek = "rsa2048" }, "--ek: a TPM 1.2 has the one key that it has" },
		{ { .ek = "none" }, "--ek: a TPM 1.2 has the one key that it has" },
		{ { .pcr_banks = "-" }, "--pcr-banks: a TPM 1.2 has none" },
		{ { .given.profile = "null" }, "--profile: a TPM 1.2 has none" },
		{ { .spk = "" }, "--create-spk is for a TPM 2.0" },
		{ { .iak_idevid = "" }, "--create-iak-idevid is for a TPM 2.0" },
		{ { .given.ek_may_sign = true }, "--allow-signing is for a TPM 2.0" },
		{ { .given.ek_may_decrypt = true }, "--decryption is for a TPM 2.0" },
	};

	(void)state;
	refused(cases, sizeof(cases) / sizeof(cases[0]), TPM_VERSION_1_2);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(without_a_word_everything_is_made, forget),
		cmocka_unit_test_teardown(each_word_has_its_effect, forget),
		cmocka_unit_test_teardown(lists_may_say_none, forget),
		cmocka_unit_test_teardown(every_key_type_fits_into_the_list_and_no_more, forget),
		cmocka_unit_test_teardown(a_password_is_read_from_where_it_is, forget),
		cmocka_unit_test_teardown(
			a_check_looks_for_nothing_that_a_finished_tpm_does_without, forget),
		cmocka_unit_test_teardown(a_text_has_at_most_256_bytes, forget),
		cmocka_unit_test_teardown(what_a_tpm_12_has_not_is_refused, forget),
		cmocka_unit_test_teardown(each_contradiction_has_its_sentence, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
