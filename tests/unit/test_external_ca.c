/* SPDX-License-Identifier: BSD-3-Clause */
/* certs/ca/external.c: a CA that is a command. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>
#include <openssl/pem.h>

#include "certs/ca/external.h"
#include "certs/ca/key_store.h"
#include "tests/unit/factory_fixture.h"

static const struct tpm_attributes identity = {
	TPM_VERSION_2, "id:49424D00", "id:20191023", "2.0", 0, 164
};

static struct certificate_request request_for(const EVP_PKEY *key)
{
	return (struct certificate_request){ .kind = CERTIFICATE_EK,
					     .key = key,
					     .decrypts = true,
					     .subject = "machine-1",
					     .tpm = &identity,
					     .tpm_model = "swtpm",
					     .platform_manufacturer = "maker",
					     .platform_model = "model",
					     .platform_version = "1.0" };
}

/* A script that is the CA's command; what it gets on standard input it may look at. */
static int ask(struct fixture *fixture, const char *script, const EVP_PKEY *key, X509 **ret)
{
	struct certificate_request request = request_for(key);
	char path[128], text[512];

	(void)snprintf(text, sizeof(text), "#!/bin/sh\n%s\n", script);
	fixture_write(fixture, "command", text, 0700, path);
	memset(&fixture->err, 0, sizeof(fixture->err));
	return external_ca_issue(path, 2000, &request, ret, &fixture->err);
}

static EVP_PKEY *make_key(void)
{
	EVP_PKEY *key = NULL;

	assert_int_equal(key_store_generate(KEY_P256, &key, NULL), 0);
	return key;
}

/* A certificate for KEY by the fixture's CA, written as NAME. */
static void write_certificate(struct fixture *fixture, const EVP_PKEY *key, const char *name,
			      bool der)
{
	struct certificate_request request = request_for(key);
	cleanup_with(ca_closep) struct ca *ca = NULL;
	cleanup_with(X509_freep) X509 *certificate = NULL;
	char path[128];
	FILE *file;

	assert_int_equal(ca_open(&fixture->options.ca, &ca, NULL), 0);
	assert_int_equal(ca_issue(ca, &request, &certificate, NULL), 0);
	fixture_write(fixture, name, "", 0600, path);
	file = fopen(path, "we");
	assert_int_equal(der ? i2d_X509_fp(file, certificate) : PEM_write_X509(file, certificate),
			 1);
	(void)fclose(file);
}

static void the_request_says_all_that_a_ca_must_know(void **state)
{
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *key = make_key(), *parsed = NULL;
	struct certificate_request request = request_for(key);
	const char *type, *subject, *pem, *usage, *manufacturer, *platform;
	int version, revision;
	char *text = NULL;
	json_t *root;
	BIO *bio;

	(void)state;
	assert_int_equal(external_ca_request(&request, &text, NULL), 0);
	root = json_loads(text, 0, NULL);
	assert_int_equal(json_unpack(root,
				     "{s:i, s:s, s:s, s:s, s:[s], s:n, s:{s:s, s:i}, s:{s:s}}",
				     "version", &version, "type", &type, "subject", &subject,
				     "publicKey", &pem, "keyUsage", &usage, "ekCertificate", "tpm",
				     "manufacturer", &manufacturer, "revision", &revision,
				     "platform", "manufacturer", &platform),
			 0);
	assert_int_equal(version, 1);
	assert_string_equal(type, "ek");
	assert_string_equal(subject, "machine-1");
	assert_string_equal(usage, "keyAgreement");
	assert_string_equal(manufacturer, "id:49424D00");
	assert_int_equal(revision, 164);
	assert_string_equal(platform, "maker");
	bio = BIO_new_mem_buf(pem, -1);
	parsed = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	assert_int_equal(EVP_PKEY_eq(parsed, key), 1);
	BIO_free_all(bio);
	json_decref(root);
	free(text);
}

static void der_and_pem_are_taken(void **state)
{
	struct fixture *fixture = *state;
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *key = make_key();
	cleanup_with(X509_freep) X509 *pem = NULL, *der = NULL;

	write_certificate(fixture, key, "pem", false);
	assert_int_equal(
		ask(fixture, "cat $(dirname $0)/pem $(dirname $0)/ca/root-cert.pem", key, &pem), 0);
	assert_true(x509_has_key(pem, key));
	write_certificate(fixture, key, "der", true);
	assert_int_equal(ask(fixture, "cat $(dirname $0)/der", key, &der), 0);
	assert_true(x509_has_key(der, key));
}

static void refused(struct fixture *fixture, const char *script, int expected, const char *text)
{
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *key = make_key();
	X509 *certificate = NULL;

	assert_int_equal(ask(fixture, script, key, &certificate), expected);
	assert_null(certificate);
	if (strstr(fixture->err.text, text) == NULL)
		fail_msg("'%s' lacks '%s'", fixture->err.text, text);
}

static void every_bad_answer_has_its_sentence(void **state)
{
	struct fixture *fixture = *state;
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *other = make_key();

	write_certificate(fixture, other, "other", false);
	write_certificate(fixture, other, "der", true);
	refused(fixture, "echo 'no token' >&2; exit 2", -EIO,
		"/command failed with status 2: no token");
	refused(fixture, "sleep 60", -ETIMEDOUT, "/command did not end within 2.000 s");
	refused(fixture, "echo rubbish", -EPROTO, "/command: the answer is no certificate");
	refused(fixture, "true", -EPROTO, "/command: the answer is no certificate");
	refused(fixture, "head -c 100000 /dev/zero", -EFBIG,
		"/command wrote more than 65536 bytes");
	refused(fixture, "echo -----BEGIN CERTIFICATE-----", -EPROTO, "is no certificate");
	refused(fixture, "cat $(dirname $0)/der; echo more", -EPROTO,
		"there is more behind the certificate");
	refused(fixture, "cat $(dirname $0)/other", -EPROTO,
		"/command: the certificate is one of another key");
	refused(fixture, "cat $(dirname $0)/ca/issuing-cert.pem", -EPROTO, "of another key");
}

/* A certificate of KEY that ends in a minute, or has ended a minute ago; it signs itself. */
static void write_with_end(struct fixture *fixture, EVP_PKEY *key, long end)
{
	const struct x509_signer self = { NULL, key };
	cleanup_with(X509_NAME_freep) X509_NAME *subject = X509_NAME_new();
	cleanup_with(X509_freep) X509 *certificate = NULL;
	char path[128];
	FILE *file;

	assert_int_equal(x509_name_add(subject, "CN", MBSTRING_UTF8, "x", NULL), 0);
	assert_int_equal(x509_begin(subject, key, &certificate, NULL), 0);
	assert_int_equal(x509_add(certificate, "basicConstraints", "critical,CA:FALSE", NULL, NULL),
			 0);
	assert_non_null(X509_gmtime_adj(X509_getm_notAfter(certificate), end));
	assert_int_equal(x509_sign(certificate, &self, NULL), 0);
	fixture_write(fixture, "ending", "", 0600, path);
	file = fopen(path, "we");
	assert_int_equal(PEM_write_X509(file, certificate), 1);
	(void)fclose(file);
}

static void a_certificate_that_has_expired_is_refused(void **state)
{
	struct fixture *fixture = *state;
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *key = make_key();
	cleanup_with(X509_freep) X509 *good = NULL;
	X509 *expired = NULL;

	write_with_end(fixture, key, 60);
	assert_int_equal(ask(fixture, "cat $(dirname $0)/ending", key, &good), 0);
	write_with_end(fixture, key, -60);
	assert_int_equal(ask(fixture, "cat $(dirname $0)/ending", key, &expired), -EPROTO);
	assert_null(expired);
	assert_non_null(strstr(fixture->err.text, "/command: the certificate has expired"));
}

static void a_command_has_an_absolute_path(void **state)
{
	struct fixture *fixture = *state;
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *key = make_key();
	struct certificate_request request = request_for(key);
	X509 *certificate = NULL;

	assert_int_equal(external_ca_issue("command", 0, &request, &certificate, &fixture->err),
			 -EINVAL);
	assert_string_equal(fixture->err.text, "ek certificate: command is not an absolute path");
}

/* With openssl(1) as an administrator would write it. */
static void a_tpm_is_manufactured_with_a_command(void **state)
{
	static const char script[] =
		"#!/bin/sh\n"
		"set -e; d=$(dirname $0); sed -n 's/.*\"publicKey\": \"\\(.*\\)\",/\\1/p' "
		"| sed 's/\\\\n/\\n/g' >$d/pub.pem\n"
		"openssl x509 -new -force_pubkey $d/pub.pem -subj /CN=x -CA $d/ca/issuing-cert.pem "
		"-CAkey $d/ca/issuing-key.pem -days 10 2>/dev/null\n";
	struct fixture *fixture = *state;
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *key = make_key();
	char path[128];

	write_certificate(fixture, key, "unused", false); /* makes the CA that the script uses */
	fixture_write(fixture, "command", script, 0700, path);
	fixture->options.ca.command = path;
	fixture->options.eks[0] = KEY_P384;
	fixture->options.eks[1] = KEY_NONE;
	fixture_manufacture(fixture);
	assert_int_equal(fixture->result.certificates_count, 2);
}

static void a_failed_command_leaves_no_half_made_tpm(void **state)
{
	struct fixture *fixture = *state;
	char path[128];

	fixture_write(fixture, "command", "#!/bin/sh\nexit 1\n", 0700, path);
	fixture->options.ca.command = path;
	assert_int_equal(
		manufacture(&fixture->options, &fixture->storage, &fixture->result, &fixture->err),
		-EIO);
	assert_int_equal(fixture->memory.stores, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(the_request_says_all_that_a_ca_must_know),
		TEST(der_and_pem_are_taken),
		TEST(every_bad_answer_has_its_sentence),
		TEST(a_certificate_that_has_expired_is_refused),
		TEST(a_command_has_an_absolute_path),
		TEST(a_tpm_is_manufactured_with_a_command),
		TEST(a_failed_command_leaves_no_half_made_tpm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
