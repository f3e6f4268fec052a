/* SPDX-License-Identifier: BSD-3-Clause */
#include "certs/ca/dir.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/rand.h>

#include "certs/ca/files.h"
#include "certs/ca/key_store.h"
#include "certs/x509/certificate.h"
#include "util/bytes.h"
#include "util/error.h"
#include "util/lock_file.h"

#define NAME_MOST 40

/* The root signs the issuing CA, which signs certificates that sign nothing. */
enum ca_level {
	LEVEL_ROOT,
	LEVEL_ISSUING,
};

static const struct {
	const char *key_file;
	const char *certificate_file;
	const char *title;
	const char *constraints;
} levels[] = {
	[LEVEL_ROOT] = { "root-key.pem", "root-cert.pem", "Root CA", "critical,CA:TRUE,pathlen:1" },
	[LEVEL_ISSUING] = { "issuing-key.pem", "issuing-cert.pem", "Issuing CA",
			    "critical,CA:TRUE,pathlen:0" },
};

static int make_key(int dir_fd, enum ca_level level, enum key_type type, EVP_PKEY **ret,
		    struct error *err)
{
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *key = NULL;
	int r;

	r = key_store_generate(type, &key, err);
	if (r == 0)
		r = ca_files_write_key(dir_fd, levels[level].key_file, key, err);
	if (r == 0)
		*ret = take_ptr(key);
	return r;
}

/* Names are unique: a verifier who knows the CAs of many hosts finds the right one by its name. */
static int make_name(const char *name, enum ca_level level, X509_NAME **ret, struct error *err)
{
	cleanup_with(X509_NAME_freep) X509_NAME *subject = X509_NAME_new();
	uint8_t unique[4];
	char text[64], digits[9];
	int r;

	if (subject == NULL || RAND_bytes(unique, sizeof(unique)) != 1)
		return openssl_error(err, EIO, "name the CA");
	hex_encode(unique, sizeof(unique), digits);
	(void)snprintf(text, sizeof(text), "%s %s %s", name, levels[level].title, digits);
	r = x509_name_add(subject, "CN", MBSTRING_UTF8, text, err);
	if (r == 0)
		*ret = take_ptr(subject);
	return r;
}

static int make_certificate(const struct ca_dir_options *options, enum ca_level level,
			    EVP_PKEY *key, const struct x509_signer *signer, X509 **ret,
			    struct error *err)
{
	cleanup_with(X509_NAME_freep) X509_NAME *subject = NULL;
	cleanup_with(X509_freep) X509 *certificate = NULL;
	int r;

	r = make_name(options->name, level, &subject, err);
	if (r == 0)
		r = x509_begin(subject, key, &certificate, err);
	if (r == 0)
		r = x509_add(certificate, "basicConstraints", levels[level].constraints, NULL, err);
	if (r == 0)
		r = x509_add(certificate, "keyUsage", "critical,keyCertSign,cRLSign", NULL, err);
	if (r == 0)
		r = x509_add(certificate, "subjectKeyIdentifier", "hash", NULL, err);
	if (r == 0)
		r = x509_add_authority_key_id(certificate, signer, err);
	if (r == 0)
		r = x509_sign(certificate, signer, err);
	if (r == 0)
		*ret = take_ptr(certificate);
	return r;
}

static int load_pair(int dir_fd, enum ca_level level, EVP_PKEY **key, X509 **certificate,
		     struct error *err)
{
	int r = ca_files_read_certificate(dir_fd, levels[level].certificate_file, certificate, err);

	if (r == 0)
		r = ca_files_read_key(dir_fd, levels[level].key_file, key, err);
	if (r == 0 && !x509_has_key(*certificate, *key))
		return error_say(err, EINVAL, "%s and %s are not a pair", levels[level].key_file,
				 levels[level].certificate_file);
	return r;
}

/*
 * Completes one level: uses what an interrupted call has left, and makes the rest; ABOVE is NULL
 * for the root.
 */
static int complete_level(const struct ca_dir_options *options, int dir_fd, enum ca_level level,
			  const struct x509_signer *above, EVP_PKEY **key, X509 **certificate,
			  struct error *err)
{
	struct x509_signer self = { .certificate = NULL };
	int r;

	if (ca_files_have(dir_fd, levels[level].certificate_file))
		return load_pair(dir_fd, level, key, certificate, err);
	if (ca_files_have(dir_fd, levels[level].key_file))
		r = ca_files_read_key(dir_fd, levels[level].key_file, key, err);
	else
		r = make_key(dir_fd, level, options->key_type, key, err);
	if (r < 0)
		return r;

	self.key = *key;
	r = make_certificate(options, level, *key, above != NULL ? above : &self, certificate, err);
	if (r == 0)
		r = ca_files_write_certificate(dir_fd, levels[level].certificate_file, *certificate,
					       err);
	return r;
}

static int complete(const struct ca_dir_options *options, int dir_fd, struct error *err)
{
	cleanup_with(EVP_PKEY_freep) EVP_PKEY *root_key = NULL, *key = NULL;
	cleanup_with(X509_freep) X509 *root = NULL, *certificate = NULL;
	struct x509_signer above;
	int r;

	r = complete_level(options, dir_fd, LEVEL_ROOT, NULL, &root_key, &root, err);
	if (r < 0)
		return r;
	above = (struct x509_signer){ root, root_key };
	return complete_level(options, dir_fd, LEVEL_ISSUING, &above, &key, &certificate, err);
}

static bool is_complete(int dir_fd)
{
	return ca_files_have(dir_fd, levels[LEVEL_ISSUING].certificate_file);
}

/* A second process or thread finds the CA complete once it gets the lock. */
static int make(const struct ca_dir_options *options, int dir_fd, struct error *err)
{
	cleanup_close int lock_fd = -1;
	int r;

	if (!options->may_make)
		return error_say(err, ENOENT, "there is no CA: vtpm-setup ca init makes one");
	lock_fd = lock_file_wait(dir_fd, ".lock");
	if (lock_fd < 0)
		return error_set(err, -lock_fd, "lock .lock");
	if (is_complete(dir_fd))
		return 0;
	r = ca_files_sweep(dir_fd, err);
	return r == 0 ? complete(options, dir_fd, err) : r;
}

static int load_chain(int dir_fd, STACK_OF(X509) * *ret, struct error *err)
{
	cleanup_with(x509_stack_freep) STACK_OF(X509) *chain = sk_X509_new_null();
	cleanup_with(X509_freep) X509 *root = NULL, *issuing = NULL;
	int r;

	if (chain == NULL)
		return openssl_error(err, ENOMEM, "load a chain");
	r = ca_files_read_certificate(dir_fd, levels[LEVEL_ISSUING].certificate_file, &issuing,
				      err);
	if (r == 0)
		r = ca_files_read_certificate(dir_fd, levels[LEVEL_ROOT].certificate_file, &root,
					      err);
	if (r < 0)
		return r;
	if (X509_add_cert(chain, issuing, X509_ADD_FLAG_UP_REF) != 1 ||
	    X509_add_cert(chain, root, X509_ADD_FLAG_UP_REF) != 1)
		return openssl_error(err, ENOMEM, "load a chain");
	*ret = take_ptr(chain);
	return 0;
}

int ca_dir_load(const struct ca_dir_options *options, EVP_PKEY **key, STACK_OF(X509) * *chain,
		struct error *err)
{
	cleanup_close int dir_fd = -1;
	int r;

	/* Before there is a directory. */
	r = options->may_make ? x509_check_text("the name", options->name, NAME_MOST, err) : 0;
	if (r == 0)
		r = ca_files_open(options->path, options->may_make, &dir_fd, err);
	if (r == 0 && !is_complete(dir_fd))
		r = make(options, dir_fd, err);
	/* Nothing is signed with the root's key any more, but what it signs is trusted. */
	if (r == 0)
		r = ca_files_check_key(dir_fd, levels[LEVEL_ROOT].key_file, err);
	if (r == 0)
		r = load_chain(dir_fd, chain, err);
	if (r == 0)
		r = ca_files_read_key(dir_fd, levels[LEVEL_ISSUING].key_file, key, err);
	return r;
}

const char *ca_dir_certificate_file(int index)
{
	return levels[index == 0 ? LEVEL_ISSUING : LEVEL_ROOT].certificate_file;
}
