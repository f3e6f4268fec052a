/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/setup/pkcs11_provider.h"

#include <stdbool.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/core_object.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#define PIN_MAX 256

int OSSL_provider_init(const OSSL_CORE_HANDLE *core, const OSSL_DISPATCH *in,
		       const OSSL_DISPATCH **out, void **context);

struct store {
	struct provider *provider;
	char token[33], object[128];
	bool end;
};

static const OSSL_ITEM reasons[] = {
	{ TOKEN_NO_MODULE, (void *)(uintptr_t) "the PKCS#11 module cannot be loaded" },
	{ TOKEN_MISSING, (void *)(uintptr_t) "no such token" },
	{ TOKEN_NO_PIN, (void *)(uintptr_t) "the token wants a PIN" },
	{ TOKEN_WRONG_PIN, (void *)(uintptr_t) "the token refuses the PIN" },
	{ TOKEN_NO_KEY, (void *)(uintptr_t) "the token has no such private key" },
	{ TOKEN_FAILED, (void *)(uintptr_t) "the token failed" },
	{ 0, NULL },
};

int provider_answer(const struct provider *provider, int r, ...)
{
	va_list none;

	if (r == 0)
		return 1;
	va_start(none, r);
	provider->new_error(provider->core);
	provider->vset_error(provider->core, (uint32_t)r, NULL, none);
	va_end(none);
	return 0;
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef";
	const char *found = c != '\0' ? strchr(digits, c | 0x20) : NULL;

	return found != NULL ? (int)(found - digits) : -1;
}

/* Copies the value of NAME in URI, without its percent signs; "" when there is none. */
static void uri_value(const char *uri, const char *name, char *value, size_t size)
{
	const char *p = strchr(uri, ':');
	size_t len = 0;

	while (p != NULL && (strncmp(p + 1, name, strlen(name)) != 0 || p[1 + strlen(name)] != '='))
		p = strpbrk(p + 1, ";?&");
	p = p != NULL ? p + 1 + strlen(name) + 1 : "";
	while (*p != '\0' && strchr(";?&", *p) == NULL && len + 1 < size) {
		if (*p == '%' && hex_digit(p[1]) >= 0 && hex_digit(p[2]) >= 0) {
			value[len++] = (char)(hex_digit(p[1]) << 4 | hex_digit(p[2]));
			p += 3;
		} else {
			value[len++] = *p++;
		}
	}
	value[len] = '\0';
}

static void *store_open(void *context, const char *uri)
{
	struct store *store = calloc(1, sizeof(*store));
	char type[16];

	if (store == NULL)
		return NULL;
	store->provider = context;
	uri_value(uri, "token", store->token, sizeof(store->token));
	uri_value(uri, "object", store->object, sizeof(store->object));
	uri_value(uri, "type", type, sizeof(type));
	store->end = type[0] != '\0' && strcmp(type, "private") != 0;
	return store;
}

static int login(struct token *token, OSSL_PASSPHRASE_CALLBACK *ask, void *context)
{
	OSSL_PARAM params[] = { OSSL_PARAM_utf8_string(OSSL_PASSPHRASE_PARAM_INFO,
						       (void *)(uintptr_t) "PIN", 3),
				OSSL_PARAM_END };
	char pin[PIN_MAX];
	size_t len = 0;
	int r;

	if (ask(pin, sizeof(pin), &len, params, context) != 1)
		return TOKEN_NO_PIN;
	r = token_login(token, pin, len);
	OPENSSL_cleanse(pin, sizeof(pin));
	return r;
}

static int find_key(const struct store *store, OSSL_PASSPHRASE_CALLBACK *ask, void *context,
		    struct key *key)
{
	int r = token_open(store->provider->module, store->token, &key->token);

	if (r == 0)
		r = login(key->token, ask, context);
	if (r == 0)
		r = token_find(key->token, CKO_PRIVATE_KEY, CKA_LABEL, store->object,
			       strlen(store->object), &key->handle);
	return r == 0 ? key_read_public(key) : r;
}

static int store_load(void *context, OSSL_CALLBACK *give, void *give_context,
		      OSSL_PASSPHRASE_CALLBACK *ask, void *ask_context)
{
	struct store *store = context;
	cleanup_with(key_freep) struct key *key = calloc(1, sizeof(*key));
	int type = OSSL_OBJECT_PKEY;
	OSSL_PARAM params[4];
	int r;

	store->end = true;
	if (key == NULL)
		return 0;
	key->provider = store->provider;
	r = find_key(store, ask, ask_context, key);
	if (r != 0)
		return provider_answer(store->provider, r);
	params[0] = OSSL_PARAM_construct_int(OSSL_OBJECT_PARAM_TYPE, &type);
	params[1] = OSSL_PARAM_construct_utf8_string(
		OSSL_OBJECT_PARAM_DATA_TYPE,
		(char *)(uintptr_t)(EVP_PKEY_is_a(key->public, "EC") ? "EC" : "RSA"), 0);
	params[2] = OSSL_PARAM_construct_octet_string(OSSL_OBJECT_PARAM_REFERENCE, (void *)&key,
						      sizeof(key));
	params[3] = OSSL_PARAM_construct_end();
	return give(params, give_context); /* see key_load() */
}

static int store_eof(void *store)
{
	return ((struct store *)store)->end;
}

static int store_close(void *store)
{
	free(store);
	return 1;
}

static const OSSL_DISPATCH store_functions[] = {
	FUNCTION(OSSL_FUNC_STORE_OPEN, store_open),
	FUNCTION(OSSL_FUNC_STORE_LOAD, store_load),
	FUNCTION(OSSL_FUNC_STORE_EOF, store_eof),
	FUNCTION(OSSL_FUNC_STORE_CLOSE, store_close),
	{ 0, NULL },
};

static const OSSL_ALGORITHM *query(void *context, int operation, int *no_cache)
{
	static const char ours[] = "provider=pkcs11";
	static const OSSL_ALGORITHM stores[] = { { "pkcs11", ours, store_functions, NULL },
						 { NULL, NULL, NULL, NULL } };
	static const OSSL_ALGORITHM keys[] = { { "EC", ours, pkcs11_ec_functions, NULL },
					       { "RSA", ours, pkcs11_rsa_functions, NULL },
					       { NULL, NULL, NULL, NULL } };
	static const OSSL_ALGORITHM signatures[] = {
		{ "ECDSA", ours, pkcs11_signature_functions, NULL },
		{ "RSA", ours, pkcs11_signature_functions, NULL },
		{ NULL, NULL, NULL, NULL }
	};

	(void)context;
	*no_cache = 0;
	switch (operation) {
	case OSSL_OP_STORE:
		return stores;
	case OSSL_OP_KEYMGMT:
		return keys;
	case OSSL_OP_SIGNATURE:
		return signatures;
	default:
		return NULL;
	}
}

static const OSSL_ITEM *get_reasons(void *context)
{
	(void)context;
	return reasons;
}

static void teardown(void *context)
{
	struct provider *provider = context;

	OSSL_LIB_CTX_free(provider->library);
	free(provider->module);
	free(provider);
}

static const OSSL_DISPATCH provider_functions[] = {
	FUNCTION(OSSL_FUNC_PROVIDER_TEARDOWN, teardown),
	FUNCTION(OSSL_FUNC_PROVIDER_QUERY_OPERATION, query),
	FUNCTION(OSSL_FUNC_PROVIDER_GET_REASON_STRINGS, get_reasons),
	{ 0, NULL },
};

static char *configured_module(const OSSL_CORE_HANDLE *core, OSSL_FUNC_core_get_params_fn *get)
{
	char *path = NULL;
	OSSL_PARAM params[] = { OSSL_PARAM_utf8_ptr("pkcs11-module", &path, 0), OSSL_PARAM_END };

	return get(core, params) == 1 && path != NULL ? strdup(path) : NULL;
}

int OSSL_provider_init(const OSSL_CORE_HANDLE *core, const OSSL_DISPATCH *in,
		       const OSSL_DISPATCH **out, void **context)
{
	struct provider *provider = calloc(1, sizeof(*provider));
	OSSL_FUNC_core_get_params_fn *get = NULL;

	if (provider == NULL)
		return 0;
	provider->core = core;
	for (; in->function_id != 0; in++) {
		if (in->function_id == OSSL_FUNC_CORE_NEW_ERROR)
			provider->new_error = OSSL_FUNC_core_new_error(in);
		else if (in->function_id == OSSL_FUNC_CORE_VSET_ERROR)
			provider->vset_error = OSSL_FUNC_core_vset_error(in);
		else if (in->function_id == OSSL_FUNC_CORE_GET_PARAMS)
			get = OSSL_FUNC_core_get_params(in);
	}
	provider->library = OSSL_LIB_CTX_new();
	provider->module = configured_module(core, get);
	if (provider->library == NULL || provider->module == NULL) {
		teardown(provider);
		return 0;
	}
	*out = provider_functions;
	*context = provider;
	return 1;
}
