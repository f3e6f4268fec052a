/* SPDX-License-Identifier: BSD-3-Clause */
#include "certs/factory/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "certs/ca/key_store.h"
#include "tpm/profile.h"
#include "tpm/state/key.h"
#include "util/bytes.h"
#include "util/error.h"

#define TEXT_MAX 256
#define VMID_MAX 4096 /* it is shortened */

/* Calls TAKE with each word of a list; empty words are words. */
static int for_each(const char *list,
		    int (*take)(void *context, const char *word, struct error *err), void *context,
		    struct error *err)
{
	cleanup_free char *copy = strdup(list);
	char *rest = copy;
	char *word;
	int r = 0;

	if (copy == NULL)
		return error_set(err, ENOMEM, "read '%.64s'", list);
	while (r == 0 && (word = strsep(&rest, ",")) != NULL)
		r = take(context, word, err);
	return r;
}

static int take_ek(void *context, const char *word, struct error *err)
{
	struct manufacture_options *options = context;
	size_t count = 0;

	while (options->eks[count] != KEY_NONE)
		count++;
	if (count == EK_MAX)
		return error_say(err, EINVAL, "--ek: more than %d keys", EK_MAX);
	return key_type_parse("--ek", word, &options->eks[count], err);
}

static int read_eks(const char *list, struct manufacture_options *options, struct error *err)
{
	if (list == NULL)
		return 0;
	memset(options->eks, 0, sizeof(options->eks));
	if (strcmp(list, "none") == 0)
		return 0;
	return for_each(list, take_ek, options, err);
}

static int take_certificate(void *context, const char *word, struct error *err)
{
	struct manufacture_options *options = context;

	if (strcmp(word, "ek") == 0)
		options->ek_certificates = true;
	else if (strcmp(word, "platform") == 0)
		options->platform_certificate = true;
	else
		return error_say(err, EINVAL,
				 "'%.32s' is no list of certificates: ek, platform or none", word);
	return 0;
}

static int read_certificates(const char *list, struct manufacture_options *options,
			     struct error *err)
{
	if (list == NULL || list[0] == '\0')
		return 0;
	options->ek_certificates = options->platform_certificate = false;
	if (strcmp(list, "none") == 0)
		return 0;
	return for_each(list, take_certificate, options, err);
}

static int read_banks(const char *list, struct manufacture_options *options, struct error *err)
{
	int r;

	if (list == NULL)
		return 0;
	options->leave_pcr_banks = strcmp(list, "-") == 0;
	if (options->leave_pcr_banks)
		return 0;
	r = pcr_banks_parse(list, &options->banks, err);
	return r < 0 ? error_prefix(err, r, "--pcr-banks") : 0;
}

static int check_profile(const char *profile, struct error *err)
{
	int r = profile != NULL ? tpm_profile_check(profile, err) : 0;

	return r < 0 ? error_prefix(err, r, "--profile") : 0;
}

static int read_type(const char *option, const char *name, enum key_type otherwise,
		     enum key_type *ret, struct error *err)
{
	if (name == NULL)
		return 0;
	*ret = otherwise;
	return name[0] != '\0' ? key_type_parse(option, name, ret, err) : 0;
}

static int read_keys(const struct manufacture_settings *settings,
		     struct manufacture_options *options, struct error *err)
{
	int r = read_eks(settings->ek, options, err);

	if (r == 0)
		r = read_type("--create-spk", settings->spk, KEY_RSA_2048, &options->srk, err);
	if (r == 0)
		r = read_type("--create-iak-idevid", settings->iak_idevid, KEY_P384, &options->iak,
			      err);
	options->idevid = options->iak;
	return r;
}

struct given {
	const char *option, *value;
};

/* The first that has a value; ROWS end with no option. */
static const char *first_given(const struct given *rows)
{
	while (rows->option != NULL && rows->value == NULL)
		rows++;
	return rows->option;
}

/* Refuses options for certificates when no certificates are wanted. */
static int check_unused(const struct manufacture_settings *settings, struct error *err)
{
	const struct given platform[] = {
		{ "--platform-manufacturer", settings->given.platform_manufacturer },
		{ "--platform-model", settings->given.platform_model },
		{ "--platform-version", settings->given.platform_version },
		{ NULL, NULL },
	};
	const struct given any[] = {
		{ "--ca-dir", settings->given.ca.dir },
		{ "--ca-key", settings->given.ca.key_uri },
		{ "--ca-command", settings->given.ca.command },
		{ "--crl-url", settings->given.ca.urls.crl },
		{ "--issuer-url", settings->given.ca.urls.issuer },
		{ "--write-certs", settings->given.certificate_dir },
		{ "--vmid", settings->given.subject },
		{ "--tpm-manufacturer", settings->given.tpm_manufacturer },
		{ "--tpm-model", settings->given.tpm_model },
		{ NULL, NULL },
	};
	const char *certs = settings->certs;
	const bool none = certs != NULL && strcmp(certs, "none") == 0;

	if (none && first_given(any) != NULL)
		return error_say(err, EINVAL, "%s is for certificates, and there are to be none",
				 first_given(any));
	if (certs != NULL && certs[0] != '\0' && strstr(certs, "platform") == NULL &&
	    first_given(platform) != NULL)
		return error_say(err, EINVAL,
				 "%s is for a platform certificate, and there is to be none",
				 first_given(platform));
	if (settings->ek != NULL && strcmp(settings->ek, "none") == 0 &&
	    settings->given.ek_may_sign)
		return error_say(
			err, EINVAL,
			"--allow-signing is for endorsement keys, and there are to be none");
	return 0;
}

static int check_version(const struct manufacture_settings *settings, enum tpm_version version,
			 struct error *err)
{
	const struct given of_2[] = {
		{ "--create-spk", settings->spk },
		{ "--create-iak-idevid", settings->iak_idevid },
		{ "--allow-signing", settings->given.ek_may_sign ? "" : NULL },
		{ "--decryption", settings->given.ek_may_decrypt ? "" : NULL },
		{ NULL, NULL },
	};

	if (version != TPM_VERSION_1_2)
		return 0;
	if (settings->ek != NULL)
		return error_say(err, EINVAL, "--ek: a TPM 1.2 has the one key that it has");
	if (settings->pcr_banks != NULL)
		return error_say(err, EINVAL, "--pcr-banks: a TPM 1.2 has none");
	if (settings->given.profile != NULL)
		return error_say(err, EINVAL, "--profile: a TPM 1.2 has none");
	if (first_given(of_2) != NULL)
		return error_say(err, EINVAL, "%s is for a TPM 2.0", first_given(of_2));
	return 0;
}

static int check_texts(const struct manufacture_settings *settings, struct error *err)
{
	const struct {
		const char *option, *text;
		size_t most;
	} texts[] = {
		{ "--vmid", settings->given.subject, VMID_MAX },
		{ "--tpm-model", settings->given.tpm_model, TEXT_MAX },
		{ "--platform-manufacturer", settings->given.platform_manufacturer, TEXT_MAX },
		{ "--platform-model", settings->given.platform_model, TEXT_MAX },
		{ "--platform-version", settings->given.platform_version, TEXT_MAX },
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i].text != NULL)
			r = x509_check_text(texts[i].option, texts[i].text, texts[i].most, err);
	}
	return r;
}

/* The command is needed only at the end of a long work, so this checks at once that it exists. */
static int find_command(const char *program, struct error *err)
{
	struct stat st;

	if (stat(program, &st) < 0 || faccessat(AT_FDCWD, program, X_OK, AT_EACCESS) < 0)
		return error_say(err, EINVAL, "--ca-command: %s: %s", program,
				 errno == ENOENT ? "there is no such file"
						 : "it cannot be executed");
	if (!S_ISREG(st.st_mode))
		return error_say(err, EINVAL, "--ca-command: %s is not a regular file", program);
	return 0;
}

static int read_timeout(const char *text, unsigned int *ms, struct error *err)
{
	unsigned long seconds = 0;

	if (text == NULL)
		return 0;
	if (number_parse(text, 10, 3600, &seconds) < 0 || seconds < 1)
		return error_say(err, EINVAL,
				 "--ca-timeout: '%.32s' is not a number of seconds from 1 to 3600",
				 text);
	*ms = (unsigned int)seconds * 1000;
	return 0;
}

static int check_ca(const struct manufacture_settings *settings, struct error *err)
{
	const struct ca_options *ca = &settings->given.ca;

	if (ca->command != NULL && (ca->dir != NULL || ca->key_uri != NULL ||
				    ca->urls.crl != NULL || ca->urls.issuer != NULL))
		return error_say(err, EINVAL,
				 "--ca-command excludes the options of a CA that signs here");
	if (ca->command == NULL && settings->ca_timeout != NULL)
		return error_say(err, EINVAL, "--ca-timeout is for --ca-command");
	if (ca->dir != NULL && ca->key_uri != NULL)
		return error_say(err, EINVAL, "--ca-dir and --ca-key exclude each other");
	if ((ca->key_uri == NULL) != (ca->chain_file == NULL))
		return error_say(err, EINVAL, "--ca-key and --ca-cert belong together");
	if (ca->key_uri != NULL && key_store_uri_has_pin(ca->key_uri))
		return error_say(err, EINVAL,
				 "--ca-key: a PIN on the command line is for everybody to see: "
				 "give it with --ca-password");
	if (settings->ca_password != NULL && ca->key_uri == NULL)
		return error_say(err, EINVAL, "--ca-password is for --ca-key");
	if (ca->command != NULL && ca->command[0] != '/')
		return error_say(err, EINVAL, "--ca-command: '%.128s' is not an absolute path",
				 ca->command);
	return 0;
}

static int read_password(const char *spec, struct secret **ret, struct error *err)
{
	cleanup_with(state_key_freep) struct state_key *key = NULL;
	int r;

	if (spec == NULL || ret == NULL)
		return 0;
	r = state_key_from_spec(KEY_PASSWORD, spec, &key, err);
	if (r == 0)
		r = state_key_get(key, false, ret, err);
	return r < 0 ? error_prefix(err, r, "--ca-password") : 0;
}

static int read_ca(const struct manufacture_settings *settings, struct manufacture_options *options,
		   struct secret **password, struct error *err)
{
	int r = check_ca(settings, err);

	if (r == 0)
		r = read_timeout(settings->ca_timeout, &options->ca.timeout_ms, err);
	/* A mere check leaves this out: if a TPM exists already, none of it is needed. */
	if (r == 0 && password != NULL && settings->given.ca.command != NULL)
		r = find_command(settings->given.ca.command, err);
	if (r == 0)
		r = read_password(settings->ca_password, password, err);
	if (r < 0)
		return r;
	options->ca.password = password != NULL ? *password : NULL;
	return 0;
}

int manufacture_settings_read(const struct manufacture_settings *settings, enum tpm_version version,
			      struct manufacture_options *options, struct secret **password,
			      struct error *err)
{
	int r;

	*options = settings->given;
	manufacture_defaults(options);
	if (password != NULL)
		*password = NULL;
	if (settings->overwrite && settings->not_overwrite)
		return error_say(err, EINVAL, "--overwrite and --not-overwrite exclude each other");
	if (settings->overwrite)
		options->existing = EXISTING_REPLACE;
	if (settings->not_overwrite)
		options->existing = EXISTING_KEEP;
	options->version = version;

	r = check_unused(settings, err);
	if (r == 0)
		r = check_version(settings, version, err);
	if (r == 0)
		r = check_texts(settings, err);
	if (r == 0)
		r = read_keys(settings, options, err);
	if (r == 0)
		r = read_certificates(settings->certs, options, err);
	if (r == 0)
		r = read_banks(settings->pcr_banks, options, err);
	if (r == 0)
		r = check_profile(settings->given.profile, err);
	if (r == 0)
		r = read_ca(settings, options, password, err);
	return r;
}
