/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vtpm-setup ca: makes, shows or exports this host's CA.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>
#include <openssl/pem.h>

#include "certs/ca/ca.h"
#include "certs/setup/setup.h"
#include "util/error.h"
#include "util/file.h"
#include "util/log.h"
#include "util/options.h"

struct settings {
	struct setup_state state;
	const char *dir, *key_type, *name, *output;
	bool root, json;
};

#define FIELD(field) offsetof(struct settings, field)

static const struct option_spec specs[] = {
	{ "ca-dir", 0, "DIR", "the CA's directory (default " CA_DEFAULT_DIR ")", option_string,
	  FIELD(dir) },
	{ "key-type", 0, "TYPE", "init: of both keys (default ecc_nist_p384)", option_string,
	  FIELD(key_type) },
	{ "name", 0, "TEXT", "init: what its names begin with (default " CA_DEFAULT_NAME ")",
	  option_string, FIELD(name) },
	{ "json", 0, NULL, "show: print JSON", option_flag, FIELD(json) },
	{ "root", 0, NULL, "export: the root's certificate alone", option_flag, FIELD(root) },
	{ "output", 'o', "FILE", "export: to FILE (default: standard output)", option_string,
	  FIELD(output) },
	{ "help", 'h', NULL, "print this and exit", option_flag, FIELD(state.help) },
	{ 0 },
};

static int read_options(const struct settings *settings, struct ca_options *options,
			struct error *err)
{
	*options = (struct ca_options){ .dir = settings->dir, .name = settings->name };
	if (settings->key_type == NULL)
		return 0;
	return key_type_parse("--key-type", settings->key_type, &options->key_type, err);
}

static int init(const struct settings *settings, const struct ca_options *options,
		struct error *err)
{
	const char *dir = ca_path(options);
	cleanup_with(ca_closep) struct ca *ca = NULL;
	int r;

	(void)settings;
	r = ca_open_existing(options, &ca, err);
	if (r == 0)
		log_info("%s: there is a CA already, it was left as it is", dir);
	if (r == -ENOENT)
		r = ca_open(options, &ca, err);
	return r;
}

static json_t *describe(X509 *certificate, const char *role)
{
	char subject[256], fingerprint[65], serial[65];

	(void)X509_NAME_oneline(X509_get_subject_name(certificate), subject, sizeof(subject));
	asn1_hex(X509_get0_serialNumber(certificate), serial);
	if (x509_fingerprint(certificate, fingerprint, NULL) < 0)
		return NULL;
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:i}", "role", role, "subject", subject,
			 "serial", serial, "sha256", fingerprint, "keyType",
			 EVP_PKEY_get0_type_name(X509_get0_pubkey(certificate)), "keyBits",
			 EVP_PKEY_get_bits(X509_get0_pubkey(certificate)));
}

static json_t *describe_all(const struct ca *ca)
{
	const STACK_OF(X509) *chain = ca_chain(ca);
	int count = sk_X509_num(chain);
	json_t *list = json_array();

	for (int i = 0; i < count; i++)
		(void)json_array_append_new(list, describe(sk_X509_value(chain, i),
							   i + 1 < count ? "issuing" : "root"));
	return list;
}

static void print_lines(const json_t *list)
{
	const json_t *entry;
	size_t i;

	json_array_foreach(list, i, entry)
	{
		const char *role, *subject, *serial, *sha256, *type;
		int bits;

		if (json_unpack((json_t *)(uintptr_t)entry, "{s:s, s:s, s:s, s:s, s:s, s:i}",
				"role", &role, "subject", &subject, "serial", &serial, "sha256",
				&sha256, "keyType", &type, "keyBits", &bits) < 0)
			continue;
		(void)printf("%s\n  subject %s\n  key     %s %d\n  serial  %s\n  sha256  %s\n",
			     role, subject, type, bits, serial, sha256);
	}
}

static int show(const struct settings *settings, const struct ca_options *options,
		struct error *err)
{
	cleanup_with(ca_closep) struct ca *ca = NULL;
	cleanup_with(json_decrefp) json_t *list = NULL;
	int r = ca_open_existing(options, &ca, err);

	if (r < 0)
		return r;
	list = describe_all(ca);
	if (list == NULL)
		return error_set(err, ENOMEM, "show the CA");
	if (!settings->json)
		print_lines(list);
	else if (json_dumpf(list, stdout, JSON_INDENT(2)) < 0 || putchar('\n') < 0)
		return error_set(err, EIO, "show the CA");
	return 0;
}

static int write_out(const struct settings *settings, BIO *pem, struct error *err)
{
	char *text;
	long len = BIO_get_mem_data(pem, &text);
	int r;

	if (settings->output != NULL)
		r = write_output(settings->output, text, (size_t)len, 0644);
	else
		r = write_all(STDOUT_FILENO, text, (size_t)len);
	return r < 0 ? error_set(err, -r, "write %s",
				 settings->output != NULL ? settings->output
							  : "the CA's certificates")
		     : 0;
}

static int export(const struct settings *settings, const struct ca_options *options,
		  struct error *err)
{
	cleanup_with(ca_closep) struct ca *ca = NULL;
	cleanup_with(BIO_free_allp) BIO *pem = BIO_new(BIO_s_mem());
	int count, r;

	r = ca_open_existing(options, &ca, err);
	if (r < 0)
		return r;
	count = sk_X509_num(ca_chain(ca));
	for (int i = settings->root ? count - 1 : 0; i < count; i++) {
		if (pem == NULL || PEM_write_bio_X509(pem, sk_X509_value(ca_chain(ca), i)) != 1)
			return openssl_error(err, EIO, "encode a certificate");
	}
	return write_out(settings, pem, err);
}

static const struct {
	const char *name;
	int (*run)(const struct settings *settings, const struct ca_options *options,
		   struct error *err);
} actions[] = { { "init", init }, { "show", show }, { "export", export } };

/* Refuses options that the action does not use. */
static int check_options(const struct settings *settings, const char *action, struct error *err)
{
	const struct {
		const char *option, *action;
		bool given;
	} rows[] = {
		{ "--key-type", "init", settings->key_type != NULL },
		{ "--name", "init", settings->name != NULL },
		{ "--json", "show", settings->json },
		{ "--root", "export", settings->root },
		{ "--output", "export", settings->output != NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].given && strcmp(rows[i].action, action) != 0)
			return error_say(err, EINVAL, "%s is for ca %s", rows[i].option,
					 rows[i].action);
	}
	return 0;
}

static int run(const void *context, struct error *err)
{
	const struct settings *settings = context;
	const char *name = settings->state.operands[0];
	struct ca_options options;

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		int r;

		if (strcmp(name, actions[i].name) != 0)
			continue;
		r = check_options(settings, name, err);
		if (r == 0)
			r = read_options(settings, &options, err);
		return r == 0 ? actions[i].run(settings, &options, err) : r;
	}
	return error_say(err, EINVAL, "'%.32s' is not init, show or export", name);
}

const struct setup_command setup_ca = {
	.name = "ca",
	.about = "Makes, shows or exports this host's CA.",
	.specs = specs,
	.size = sizeof(struct settings),
	.run = run,
	.operands = "init|show|export",
	.missing = "one of init, show, export is needed",
	.operand_count = 1,
	.details = "  init    makes this host's CA; one that is there is left as it is\n"
		   "  show    prints its certificates' names, numbers and fingerprints\n"
		   "  export  prints its certificates as PEM: issuing CA, then root\n",
};
