/* SPDX-License-Identifier: BSD-3-Clause */
#include "certs/ca/key_store.h"

#include <errno.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/proverr.h>
#include <openssl/store.h>
#include <openssl/ui.h>

#include "tpm/tcg.h"
#include "util/error.h"
#include "util/file.h"
#include "util/secret.h"

DEFINE_CLEANUP(UI_METHOD, UI_destroy_method);
DEFINE_CLEANUP(OSSL_STORE_INFO, OSSL_STORE_INFO_free);

/* Certificates in one file: more than any chain has. */
#define CERTIFICATES_MAX 16
#define CHAIN_MAX (1 << 20)

/* URIs of tokens are long; the cause must have room after one. */
#define LOAD_TEXT "load the key %.120s"

int key_store_generate(enum key_type type, EVP_PKEY **ret, struct error *err)
{
	const struct key_type_info *info = key_type_info(type);
	EVP_PKEY *key;

	if (info->algorithm == TPM2_ALG_RSA)
		key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)info->bits);
	else
		key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", info->group);
	if (key == NULL)
		return openssl_error(err, EIO, "make a key of type %s", info->name);
	*ret = key;
	return 0;
}

int key_store_to_pem(const EVP_PKEY *key, BIO **ret, struct error *err)
{
	cleanup_with(BIO_free_allp) BIO *bio = BIO_new(BIO_s_secmem());

	if (bio == NULL || PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1)
		return openssl_error(err, EIO, "encode a private key");
	*ret = take_ptr(bio);
	return 0;
}

/* The context of OpenSSL's question for a password. */
struct question {
	const struct secret *password; /* NULL: there is none */
	bool asked;
};

/* Without a password it fails, so that no terminal is asked. */
static int give_password(char *buffer, int size, int writing, void *context)
{
	struct question *question = context;
	const struct secret *password = question->password;

	(void)writing;
	question->asked = true;
	if (password == NULL || password->len > (size_t)size)
		return -1;
	memcpy(buffer, password->bytes, password->len);
	return (int)password->len;
}

static void store_closep(OSSL_STORE_CTX **store)
{
	(void)OSSL_STORE_close(*store);
}

/* A file without a key is an error to some versions of OpenSSL, and an empty store to others. */
static int first_private_key(OSSL_STORE_CTX *store, EVP_PKEY **ret)
{
	while (!OSSL_STORE_eof(store)) {
		cleanup_with(OSSL_STORE_INFO_freep) OSSL_STORE_INFO *info = OSSL_STORE_load(store);

		if (info != NULL && OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PKEY) {
			*ret = OSSL_STORE_INFO_get1_PKEY(info);
			return *ret != NULL ? 0 : -ENOMEM;
		}
		if (OSSL_STORE_error(store))
			break;
	}
	return -EIO;
}

static bool is(unsigned long code, int library, int reason)
{
	return ERR_GET_LIB(code) == library && ERR_GET_REASON(code) == reason;
}

/*
 * Empties OpenSSL's queue. Its last error is the cause: the first ones tell what OpenSSL, or the
 * token's module, tried before.
 */
static unsigned long find_cause(bool *wrong_password)
{
	unsigned long code = 0, next;

	*wrong_password = false;
	while ((next = ERR_get_error()) != 0) {
		code = next;
		*wrong_password = *wrong_password || is(code, ERR_LIB_PROV, PROV_R_BAD_DECRYPT) ||
				  is(code, ERR_LIB_EVP, EVP_R_BAD_DECRYPT);
	}
	/*
	 * With a wrong password the padding is sometimes right by chance; then the content is
	 * wrong.
	 */
	*wrong_password = *wrong_password || is(code, ERR_LIB_OSSL_DECODER, ERR_R_UNSUPPORTED) ||
			  is(code, ERR_LIB_OSSL_STORE, ERR_R_UNSUPPORTED);
	/* An error from a provider that was added to OpenSSL is shown in its own words. */
	if (ERR_GET_LIB(code) >= ERR_LIB_USER)
		*wrong_password = false;
	return code;
}

static int load_error(const char *uri, const struct question *question, int r, struct error *err)
{
	bool wrong_password;
	unsigned long code = find_cause(&wrong_password);
	const char *reason = ERR_reason_error_string(code);

	if (question->asked && question->password == NULL)
		return error_say(err, ENOKEY, LOAD_TEXT ": it wants a password and none is given",
				 uri);
	if (question->asked && wrong_password)
		return error_say(err, EKEYREJECTED, LOAD_TEXT ": wrong password", uri);
	if (is(code, ERR_LIB_OSSL_STORE, ERR_R_UNSUPPORTED))
		return error_say(err, ENOENT, LOAD_TEXT ": no provider of OpenSSL knows such a key",
				 uri);
	if (ERR_SYSTEM_ERROR(code))
		return error_set(err, ERR_GET_REASON(code), LOAD_TEXT, uri);
	if (reason == NULL)
		reason = "there is no private key";
	return error_say(err, -r, LOAD_TEXT ": %s", uri, reason);
}

/*
 * OpenSSL opens any file that the URI names, and would wait for a FIFO for ever. A URI that names
 * no file is left to the providers.
 */
static int check_file(const char *uri, struct error *err)
{
	const char *path = strncasecmp(uri, "file:", 5) == 0 ? uri + 5 : uri;
	cleanup_close int fd = -1;

	if (strncmp(path, "//", 2) == 0)
		path = strchrnul(path + 2, '/'); /* behind the name of the host */
	fd = open_input(path);
	return fd == -ENOTREG || fd == -EISDIR ? error_set(err, -fd, LOAD_TEXT, uri) : 0;
}

int key_store_load(const char *uri, const struct secret *password, EVP_PKEY **ret,
		   struct error *err)
{
	cleanup_with(UI_destroy_methodp) UI_METHOD *ui =
		UI_UTIL_wrap_read_pem_callback(give_password, 0);
	cleanup_with(store_closep) OSSL_STORE_CTX *store = NULL;
	struct question question = { .password = password };
	int r = check_file(uri, err);

	if (r < 0)
		return r;
	if (ui == NULL)
		return openssl_error(err, ENOMEM, "load a key");
	store = OSSL_STORE_open(uri, ui, &question, NULL, NULL);
	if (store == NULL || OSSL_STORE_expect(store, OSSL_STORE_INFO_PKEY) != 1)
		return load_error(uri, &question, -ENOENT, err);
	r = first_private_key(store, ret);
	if (r < 0)
		return load_error(uri, &question, r, err);
	ERR_clear_error();
	return 0;
}

bool key_store_uri_has_pin(const char *uri)
{
	return strncasecmp(uri, "pkcs11:", 7) == 0 && strcasestr(uri, "pin-value=") != NULL;
}

static int read_pem_certificates(BIO *bio, STACK_OF(X509) * stack)
{
	X509 *certificate;

	while (sk_X509_num(stack) < CERTIFICATES_MAX &&
	       (certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
		if (sk_X509_push(stack, certificate) == 0) {
			X509_free(certificate);
			return -ENOMEM;
		}
	}
	if (sk_X509_num(stack) == 0)
		return -EINVAL;
	ERR_clear_error(); /* the end of the file is an error to PEM */
	return 0;
}

static int read_der_certificate(BIO *bio, STACK_OF(X509) * stack)
{
	cleanup_with(X509_freep) X509 *certificate = d2i_X509_bio(bio, NULL);

	if (certificate == NULL)
		return -EINVAL;
	if (X509_add_cert(stack, certificate, X509_ADD_FLAG_UP_REF) != 1)
		return -ENOMEM;
	ERR_clear_error();
	return 0;
}

int key_store_load_certificates(const char *path, STACK_OF(X509) * *ret, struct error *err)
{
	cleanup_with(x509_stack_freep) STACK_OF(X509) *stack = sk_X509_new_null();
	cleanup_with(BIO_free_allp) BIO *bio = NULL;
	cleanup_free char *text = NULL;
	size_t len;
	int r = read_path(path, CHAIN_MAX, &text, &len);

	if (r < 0)
		return error_set(err, -r, "load certificates from %s", path);
	bio = BIO_new_mem_buf(text, (int)len);
	if (bio == NULL || stack == NULL)
		return openssl_error(err, ENOMEM, "load certificates from %s", path);
	r = read_pem_certificates(bio, stack);
	if (r == -EINVAL && BIO_reset(bio) == 0)
		r = read_der_certificate(bio, stack);
	if (r < 0)
		return openssl_error(err, -r, "load certificates from %s", path);
	*ret = take_ptr(stack);
	return 0;
}
