/* SPDX-License-Identifier: BSD-3-Clause */
/* The test's provider: a key in the token, and its public half. */
#include "tests/setup/pkcs11_provider.h"

#include <stdbool.h>

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/x509.h>

static int make_public(const struct provider *provider, const char *type, OSSL_PARAM *params,
		       EVP_PKEY **ret)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(provider->library, type, NULL);
	bool made = context != NULL && EVP_PKEY_fromdata_init(context) == 1 &&
		    EVP_PKEY_fromdata(context, ret, EVP_PKEY_PUBLIC_KEY, params) == 1;

	EVP_PKEY_CTX_free(context);
	return made ? 0 : TOKEN_FAILED;
}

/* The curve is an OID in DER, the point an octet string in DER. */
static int read_ec(const struct key *key, CK_OBJECT_HANDLE object, EVP_PKEY **ret)
{
	uint8_t curve[32], point[160];
	size_t curve_len = sizeof(curve), point_len = sizeof(point);
	const uint8_t *curve_der = curve, *point_der = point;
	ASN1_OBJECT *oid = NULL;
	ASN1_OCTET_STRING *octets = NULL;
	OSSL_PARAM params[3] = { OSSL_PARAM_END, OSSL_PARAM_END, OSSL_PARAM_END };
	int r = token_read(key->token, object, CKA_EC_PARAMS, curve, &curve_len);

	if (r == 0)
		r = token_read(key->token, object, CKA_EC_POINT, point, &point_len);
	if (r != 0)
		return r;
	oid = d2i_ASN1_OBJECT(NULL, &curve_der, (long)curve_len);
	octets = d2i_ASN1_OCTET_STRING(NULL, &point_der, (long)point_len);
	r = TOKEN_FAILED;
	if (oid != NULL && octets != NULL) {
		params[0] = OSSL_PARAM_construct_utf8_string(
			OSSL_PKEY_PARAM_GROUP_NAME, (char *)(uintptr_t)OBJ_nid2sn(OBJ_obj2nid(oid)),
			0);
		params[1] = OSSL_PARAM_construct_octet_string(
			OSSL_PKEY_PARAM_PUB_KEY,
			(uint8_t *)(uintptr_t)ASN1_STRING_get0_data(octets),
			(size_t)ASN1_STRING_length(octets));
		r = make_public(key->provider, "EC", params, ret);
	}
	ASN1_OBJECT_free(oid);
	ASN1_OCTET_STRING_free(octets);
	return r;
}

/* PKCS#11 has numbers with the most significant byte first, OpenSSL in the machine's order. */
static int read_number(const struct key *key, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE name,
		       const char *param_name, uint8_t number[static 512], OSSL_PARAM *param)
{
	uint8_t bytes[512];
	size_t len = sizeof(bytes);
	int r = token_read(key->token, object, name, bytes, &len);
	BIGNUM *value = r == 0 ? BN_bin2bn(bytes, (int)len, NULL) : NULL;

	if (value == NULL || BN_bn2nativepad(value, number, (int)len) < 0)
		r = TOKEN_FAILED;
	BN_free(value);
	*param = OSSL_PARAM_construct_BN(param_name, number, len);
	return r;
}

static int read_rsa(const struct key *key, CK_OBJECT_HANDLE object, EVP_PKEY **ret)
{
	OSSL_PARAM params[3] = { OSSL_PARAM_END, OSSL_PARAM_END, OSSL_PARAM_END };
	uint8_t modulus[512], exponent[512];
	int r = read_number(key, object, CKA_MODULUS, OSSL_PKEY_PARAM_RSA_N, modulus, &params[0]);

	if (r == 0)
		r = read_number(key, object, CKA_PUBLIC_EXPONENT, OSSL_PKEY_PARAM_RSA_E, exponent,
				&params[1]);
	return r == 0 ? make_public(key->provider, "RSA", params, ret) : r;
}

/* The public half is an object of its own, with the same identifier. */
int key_read_public(struct key *key)
{
	CK_OBJECT_HANDLE object;
	CK_KEY_TYPE type;
	uint8_t id[64];
	size_t len = sizeof(id);
	int r = token_read(key->token, key->handle, CKA_ID, id, &len);

	if (r == 0)
		r = token_find(key->token, CKO_PUBLIC_KEY, CKA_ID, id, len, &object);
	len = sizeof(type);
	if (r == 0)
		r = token_read(key->token, object, CKA_KEY_TYPE, &type, &len);
	if (r != 0)
		return r;
	return type == CKK_EC ? read_ec(key, object, &key->public)
			      : read_rsa(key, object, &key->public);
}

void key_free(struct key *key)
{
	if (key == NULL)
		return;
	EVP_PKEY_free(key->public);
	token_close(key->token);
	free(key);
}

static void key_free_data(void *key)
{
	key_free(key);
}

/* The reference is where the key's owner has it; from now on it is ours. */
static void *key_load(const void *reference, size_t size)
{
	struct key **place = (struct key **)(uintptr_t)reference;

	return size == sizeof(*place) ? take_ptr(*place) : NULL;
}

static int key_has(const void *key, int selection)
{
	(void)selection;
	return key != NULL;
}

static int key_match(const void *one, const void *other, int selection)
{
	const struct key *a = one, *b = other;

	(void)selection;
	return EVP_PKEY_eq(a->public, b->public) == 1;
}

static int key_get_params(void *key, OSSL_PARAM params[])
{
	return EVP_PKEY_get_params(((struct key *)key)->public, params);
}

static const OSSL_PARAM *key_gettable_params(void *context)
{
	static const OSSL_PARAM params[] = {
		OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, NULL),
		OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, NULL),
		OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, NULL),
		OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_DEFAULT_DIGEST, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
		OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, NULL, 0),
		OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, NULL, 0),
		OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, NULL, 0),
		OSSL_PARAM_END,
	};

	(void)context;
	return params;
}

/* Nobody gets the private half: it does not leave the token. */
static int key_export(void *key, int selection, OSSL_CALLBACK *callback, void *context)
{
	if ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0)
		return 0;
	return EVP_PKEY_export(((struct key *)key)->public, EVP_PKEY_PUBLIC_KEY, callback, context);
}

static const OSSL_PARAM *key_export_types(int selection)
{
	(void)selection;
	return key_gettable_params(NULL);
}

static const char *ec_operation(int operation)
{
	return operation == OSSL_OP_SIGNATURE ? "ECDSA" : "EC";
}

#define KEY_FUNCTIONS                                                             \
	FUNCTION(OSSL_FUNC_KEYMGMT_LOAD, key_load),                               \
		FUNCTION(OSSL_FUNC_KEYMGMT_FREE, key_free_data),                  \
		FUNCTION(OSSL_FUNC_KEYMGMT_HAS, key_has),                         \
		FUNCTION(OSSL_FUNC_KEYMGMT_MATCH, key_match),                     \
		FUNCTION(OSSL_FUNC_KEYMGMT_GET_PARAMS, key_get_params),           \
		FUNCTION(OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, key_gettable_params), \
		FUNCTION(OSSL_FUNC_KEYMGMT_EXPORT, key_export),                   \
		FUNCTION(OSSL_FUNC_KEYMGMT_EXPORT_TYPES, key_export_types)

const OSSL_DISPATCH pkcs11_rsa_functions[] = { KEY_FUNCTIONS, { 0, NULL } };
const OSSL_DISPATCH pkcs11_ec_functions[] = {
	KEY_FUNCTIONS,
	FUNCTION(OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME, ec_operation),
	{ 0, NULL },
};
