/* SPDX-License-Identifier: BSD-3-Clause */
/* tpm/crypto.c: libcrypto has what libtpms and states take, and no more ciphers. */
#include "tests/unit/unit.h"

#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <stdbool.h>

#include "tpm/crypto.h"

static bool has_cipher(const EVP_CIPHER *cipher)
{
	static const uint8_t key[32], iv[16];
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t out[64];
	int len = 0;
	bool works = EVP_EncryptInit_ex(ctx, cipher, NULL, key, iv) == 1 &&
		     EVP_EncryptUpdate(ctx, out, &len, key, 32) == 1;

	EVP_CIPHER_CTX_free(ctx);
	return works;
}

/* All that libtpms names. */
static void the_ciphers_of_a_tpm_are_there(void **state)
{
	const EVP_CIPHER *const ciphers[] = {
		EVP_aes_128_cbc(),
		EVP_aes_128_cfb128(),
		EVP_aes_128_ctr(),
		EVP_aes_128_ecb(),
		EVP_aes_128_ofb(),
		EVP_aes_192_cbc(),
		EVP_aes_192_cfb128(),
		EVP_aes_192_ctr(),
		EVP_aes_192_ecb(),
		EVP_aes_192_ofb(),
		EVP_aes_256_cbc(),
		EVP_aes_256_cfb128(),
		EVP_aes_256_ctr(),
		EVP_aes_256_ecb(),
		EVP_aes_256_ofb(),
		EVP_camellia_128_cbc(),
		EVP_camellia_128_cfb128(),
		EVP_camellia_128_ctr(),
		EVP_camellia_128_ecb(),
		EVP_camellia_128_ofb(),
		EVP_camellia_192_cbc(),
		EVP_camellia_192_ctr(),
		EVP_camellia_192_ecb(),
		EVP_camellia_192_ofb(),
		EVP_camellia_256_cbc(),
		EVP_camellia_256_cfb128(),
		EVP_camellia_256_ctr(),
		EVP_camellia_256_ecb(),
		EVP_camellia_256_ofb(),
		EVP_camellia_192_cfb128(),
		EVP_des_ede3_cbc(),
		EVP_des_ede3_cfb64(),
		EVP_des_ede3_ecb(),
		EVP_des_ede3_ofb(),
		EVP_des_ede3(),
		EVP_aes_256_gcm(),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ciphers) / sizeof(ciphers[0]); i++)
		assert_true(has_cipher(ciphers[i]));
}

static void no_other_cipher_takes_memory(void **state)
{
	static const char *const names[] = { "ChaCha20-Poly1305", "ARIA-128-CBC", "AES-128-XTS",
					     "AES-256-SIV",       "SM4-CBC",      "AES-256-CFB8",
					     "AES-128-CBC-CTS" };

	(void)state;
	assert_int_equal(OSSL_PROVIDER_available(NULL, "default"), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_null(EVP_CIPHER_fetch(NULL, names[i], NULL));
}

static void random_numbers_do_without_a_cipher(void **state)
{
	uint8_t bytes[2][32];

	(void)state;
	assert_int_equal(RAND_bytes(bytes[0], 32), 1);
	assert_int_equal(RAND_bytes(bytes[1], 32), 1);
	assert_memory_not_equal(bytes[0], bytes[1], 32);
	assert_string_equal(EVP_RAND_get0_name(EVP_RAND_CTX_get0_rand(RAND_get0_primary(NULL))),
			    "HASH-DRBG");
}

/* What is done with keys looks for digests and random numbers in the other context. */
static void keys_work(void **state)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	uint8_t digest[32] = { 1 }, signature[256], sealed[256];
	size_t len = sizeof(signature), sealed_len = sizeof(sealed);

	(void)state;
	assert_non_null(ctx);
	assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING), 1);
	assert_int_equal(EVP_PKEY_CTX_set_signature_md(ctx, EVP_get_digestbyname("SHA256")), 1);
	assert_int_equal(EVP_PKEY_sign(ctx, signature, &len, digest, sizeof(digest)), 1);
	assert_int_equal(EVP_PKEY_encrypt_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_get_digestbyname("SHA384")), 1);
	assert_int_equal(EVP_PKEY_encrypt(ctx, sealed, &sealed_len, digest, sizeof(digest)), 1);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
}

/* Once for the process, as in a server. */
static int start(void **state)
{
	(void)state;
	crypto_start();
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_ciphers_of_a_tpm_are_there),
		cmocka_unit_test(no_other_cipher_takes_memory),
		cmocka_unit_test(random_numbers_do_without_a_cipher),
		cmocka_unit_test(keys_work),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
