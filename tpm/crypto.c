/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/crypto.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <openssl/core_dispatch.h>
#include <openssl/crypto.h>
#include <openssl/provider.h>
#include <openssl/rand.h>

/* Of three ciphers, each with six modes and up to three lengths of keys. */
#define CIPHERS_MAX 64

/*
 * The first use of one cipher makes libcrypto take all 140 of its provider into its tables, which
 * is 150 KiB and a third of a millisecond. Therefore programs get its provider through one that
 * offers fewer of them. That one's functions work in a context of their own.
 */
static OSSL_PROVIDER *whole;
static OSSL_ALGORITHM ciphers[CIPHERS_MAX + 1];

static bool begins_with(const char *name, size_t len, const char *begin)
{
	return len > strlen(begin) && strncmp(name, begin, strlen(begin)) == 0;
}

/* What the TPM's specifications name, and libtpms has; GCM is what states are sealed with. */
static bool is_used(const char *names)
{
	static const char *const families[] = { "AES-", "CAMELLIA-", "DES-EDE3-" };
	static const char *const modes[] = { "-CBC", "-CFB", "-CTR", "-ECB", "-GCM", "-OFB" };
	size_t len = strcspn(names, ":");
	bool is_known = false, has_mode = false;

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		is_known |= begins_with(names, len, families[i]);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		has_mode |= len > 4 && strncmp(names + len - 4, modes[i], 4) == 0;
	return is_known && has_mode;
}

static size_t choose_ciphers(void)
{
	int no_store;
	const OSSL_ALGORITHM *all = OSSL_PROVIDER_query_operation(whole, OSSL_OP_CIPHER, &no_store);
	size_t count = 0;

	for (; all != NULL && all->algorithm_names != NULL && count < CIPHERS_MAX; all++) {
		if (is_used(all->algorithm_names))
			ciphers[count++] = *all;
	}
	return count;
}

static const OSSL_ALGORITHM *query(void *context, int operation, int *no_store)
{
	const OSSL_ALGORITHM *all = OSSL_PROVIDER_query_operation(whole, operation, no_store);

	(void)context;
	return operation == OSSL_OP_CIPHER ? ciphers : all;
}

static int begin_provider(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *core,
			  const OSSL_DISPATCH **functions, void **context)
{
	static const OSSL_DISPATCH offered[] = {
		{ OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query },
		{ 0, NULL },
	};

	(void)handle;
	(void)core;
	*functions = offered;
	*context = OSSL_PROVIDER_get0_provider_ctx(whole);
	return 1;
}

/* Where it fails libcrypto loads its own provider when it needs one. */
static void offer_less(void)
{
	OSSL_LIB_CTX *context = OSSL_LIB_CTX_new();

	if (context == NULL)
		return;
	whole = OSSL_PROVIDER_load(context, "default");
	if (whole == NULL) {
		OSSL_LIB_CTX_free(context);
		return;
	}
	if (choose_ciphers() > 0 && OSSL_PROVIDER_add_builtin(NULL, "vtpm", begin_provider) == 1)
		(void)OSSL_PROVIDER_load(NULL, "vtpm");
	(void)RAND_set_DRBG_type(context, "HASH-DRBG", NULL, NULL, "SHA256");
}

/* libtpms looks up digests by their names, but no ciphers. Nothing is tidied up before the end. */
void crypto_start(void)
{
	(void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG |
					  OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS |
					  OPENSSL_INIT_NO_ADD_ALL_CIPHERS | OPENSSL_INIT_NO_ATEXIT,
				  NULL);
	offer_less();
	/* The usual one is made of a cipher, for which it would take all of the whole provider. */
	(void)RAND_set_DRBG_type(NULL, "HASH-DRBG", NULL, NULL, "SHA256");
}
