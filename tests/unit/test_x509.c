/* SPDX-License-Identifier: BSD-3-Clause */
/* certs/x509/certificate.c: texts in certificates, and a lack of memory. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include <openssl/crypto.h>
#include <openssl/err.h>

#include "certs/ca/key_store.h"
#include "certs/x509/certificate.h"

static int countdown; /* of OpenSSL's allocations; the one that reaches 0 fails */

static bool fails(void)
{
	return countdown > 0 && --countdown == 0;
}

static void *allocate(size_t size, const char *file, int line)
{
	(void)file, (void)line;
	return fails() ? NULL : malloc(size);
}

static void *reallocate(void *p, size_t size, const char *file, int line)
{
	(void)file, (void)line;
	return fails() ? NULL : realloc(p, size);
}

static void release(void *p, const char *file, int line)
{
	(void)file, (void)line;
	free(p);
}

static int begin(const X509_NAME *subject, const EVP_PKEY *key, int fail_at)
{
	cleanup_with(X509_freep) X509 *certificate = NULL;
	int r;

	countdown = fail_at;
	r = x509_begin(subject, key, &certificate, NULL);
	if (countdown == 0 && r < 0)
		return r;
	countdown = 0;
	assert_int_equal(r, 0);
	assert_true(x509_has_key(certificate, key));
	return 0;
}

static void a_certificate_that_is_begun_without_memory_has_its_key_or_is_none(void **state)
{
	static const enum key_type types[] = { KEY_RSA_2048, KEY_P256 };
	cleanup_with(X509_NAME_freep) X509_NAME *subject = X509_NAME_new();

	(void)state;
	assert_int_equal(x509_name_add(subject, "CN", MBSTRING_UTF8, "x", NULL), 0);
	for (size_t i = 0; i < 2; i++) {
		cleanup_with(EVP_PKEY_freep) EVP_PKEY *key = NULL;
		int failures = 0;

		assert_int_equal(key_store_generate(types[i], &key, NULL), 0);
		assert_int_equal(begin(subject, key, 0), 0); /* what is made once is there */
		for (int n = 1; n < 200; n++)
			failures += begin(subject, key, n) < 0;
		assert_true(failures > 10);
	}
	ERR_clear_error();
}

static void a_text_is_utf8_that_can_be_printed(void **state)
{
	static const char *const good[] = { "x", "\xc3\xa4", "\xf4\x8f\xbf\xbf", "a b~" };
	static const char *const bad[] = {
		"",        "\x7f",     "a\t",          "\xff",
		"\xc3",    "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
		"\xc2\x80"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(x509_check_text("--x", good[i], 4, NULL), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(x509_check_text("--x", bad[i], 4, NULL), -EINVAL);
	assert_int_equal(x509_check_text("--x", "12345", 4, NULL), -EINVAL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_certificate_that_is_begun_without_memory_has_its_key_or_is_none),
		cmocka_unit_test(a_text_is_utf8_that_can_be_printed),
	};

	if (CRYPTO_set_mem_functions(allocate, reallocate, release) != 1)
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
