/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vtpm-setup manufacture: makes a new TPM in a state directory.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "certs/factory/manufacture.h"
#include "certs/factory/settings.h"
#include "certs/setup/setup.h"
#include "tpm/state/file.h"
#include "tpm/state/state.h"
#include "util/error.h"
#include "util/log.h"
#include "util/options.h"
#include "util/user.h"

struct settings {
	struct setup_state state;
	struct manufacture_settings factory;
	const char *tpm_version, *owner;
	bool new_identity, json, quiet;
};

#define FIELD(field) offsetof(struct settings, field)

static const struct option_spec specs[] = {
	SETUP_STATE_OPTIONS(struct settings, state),
	{ "tpm-version", 0, "VERSION", "2.0 (default) or 1.2", option_string, FIELD(tpm_version) },
	{ "owner", 0, "UID:GID", "who owns the state (default: you)", option_string, FIELD(owner) },
	{ "overwrite", 0, NULL, "replace a TPM that is there", option_flag,
	  FIELD(factory.overwrite) },
	{ "not-overwrite", 0, NULL, "leave a TPM that is there as it is", option_flag,
	  FIELD(factory.not_overwrite) },
	{ "new-identity", 0, NULL, "make a new TPM where one has been lost", option_flag,
	  FIELD(new_identity) },
	{ "ek", 0, "TYPES", "endorsement keys (default rsa2048,ecc_nist_p384)", option_string,
	  FIELD(factory.ek) },
	{ "certs", 0, "LIST", "certificates: ek,platform (default) or none", option_string,
	  FIELD(factory.certs) },
	{ "pcr-banks", 0, "LIST", "these and no others (default sha256; - leaves them)",
	  option_string, FIELD(factory.pcr_banks) },
	{ "profile", 0, "PROFILE", "algorithms and commands: null (default), default-v1, ...",
	  option_string, FIELD(factory.given.profile) },
	{ "lock-nvram", 0, NULL, "make the certificates in NV read-only", option_flag,
	  FIELD(factory.given.lock_nvram) },
	{ "create-spk", 0, "[=TYPE]", "keep a storage root key (rsa2048) at 0x81000001",
	  option_string, FIELD(factory.spk) },
	{ "create-iak-idevid", 0, "[=TYPE]", "IAK and IDevID (ecc_nist_p384), certified",
	  option_string, FIELD(factory.iak_idevid) },
	{ "allow-signing", 0, NULL, "endorsement keys sign instead of decrypting", option_flag,
	  FIELD(factory.given.ek_may_sign) },
	{ "decryption", 0, NULL, "with --allow-signing: they do both", option_flag,
	  FIELD(factory.given.ek_may_decrypt) },
	{ "vmid", 0, "NAME", "the certificates' subject (default unknown)", option_string,
	  FIELD(factory.given.subject) },
	{ "tpm-manufacturer", 0, "ID", "id:XXXXXXXX instead of what the TPM says", option_string,
	  FIELD(factory.given.tpm_manufacturer) },
	{ "tpm-model", 0, "TEXT", "for the EK certificate (default swtpm)", option_string,
	  FIELD(factory.given.tpm_model) },
	{ "platform-manufacturer", 0, "TEXT", "for the platform certificate", option_string,
	  FIELD(factory.given.platform_manufacturer) },
	{ "platform-model", 0, "TEXT", "likewise", option_string,
	  FIELD(factory.given.platform_model) },
	{ "platform-version", 0, "TEXT", "likewise", option_string,
	  FIELD(factory.given.platform_version) },
	{ "write-certs", 0, "DIR", "copy the certificates to DIR", option_string,
	  FIELD(factory.given.certificate_dir) },
	MANUFACTURE_CA_OPTIONS(struct settings, factory),
	{ "json", 0, NULL, "print what was made as JSON", option_flag, FIELD(json) },
	{ "quiet", 'q', NULL, "do not print each step", option_flag, FIELD(quiet) },
	{ 0 },
};

static void show_step(void *context, const char *step)
{
	(void)fprintf(context, "%s\n", step);
}

static int read_version(const char *text, enum tpm_version *ret, struct error *err)
{
	if (tpm_version_parse(text, ret) == 0)
		return 0;
	return error_say(err, EINVAL, "--tpm-version: '%.32s' is not 1.2 or 2.0", text);
}

static int open_state(const struct settings *settings, enum tpm_version version, struct state **ret,
		      struct error *err)
{
	cleanup_with(state_key_freep) struct state_key *key = NULL;
	struct state_options options;
	struct user owner;
	int r;

	r = setup_key_take(&settings->state.key, &key, err);
	if (r < 0)
		return r;
	options = setup_options(&settings->state, key, version);
	options.new_identity = settings->new_identity;
	if (settings->owner != NULL) {
		r = user_parse_owner(settings->owner, &owner, err);
		if (r < 0)
			return error_prefix(err, r, "--owner");
		options.uid = owner.uid;
		options.gid = owner.gid;
	}
	return state_open(&options, ret, err);
}

static int print_json(const struct manufacture_result *result, struct error *err)
{
	cleanup_free char *text = NULL;
	int r = manufacture_result_json(result, &text, err);

	if (r == 0 && (puts(text) < 0 || fflush(stdout) != 0))
		r = error_set(err, errno, "print the result");
	if (r < 0 && result->made)
		return error_prefix(err, r, "the TPM was made");
	return r;
}

static int make(const struct settings *settings, const struct manufacture_options *options,
		struct error *err)
{
	cleanup_with(manufacture_result_done) struct manufacture_result result = { 0 };
	cleanup_with(state_closep) struct state *state = NULL;
	struct tpm_storage storage;
	int r;

	r = open_state(settings, options->version, &state, err);
	if (r < 0)
		return r;
	storage = state_storage(state);
	r = manufacture(options, &storage, &result, err);
	/* The storage's errno is for programs; the state has the sentence. */
	if (r < 0 && state_last_error(state)[0] != '\0')
		return error_say(err, -r, "%s", state_last_error(state));
	if (r < 0)
		return error_prefix(err, r, "%s", settings->state.dir);
	if (settings->json)
		return print_json(&result, err);
	if (result.kept)
		log_info("%s: there is a TPM already, it was left as it is", settings->state.dir);
	return 0;
}

/* Steps are shown on a terminal only, and not with --quiet. */
static void set_progress(const struct settings *settings, struct manufacture_options *options)
{
	if (settings->quiet || isatty(STDERR_FILENO) != 1)
		return;
	options->progress = show_step;
	options->progress_context = stderr;
}

/* A TPM that is kept needs no CA, so neither its command nor its password is checked. */
static bool will_be_kept(const struct settings *settings)
{
	return settings->factory.not_overwrite &&
	       state_file_exists(settings->state.dir, BLOB_PERMANENT);
}

static int run(const void *context, struct error *err)
{
	const struct settings *settings = context;
	cleanup_with(secret_freep) struct secret *password = NULL;
	struct manufacture_options options;
	enum tpm_version version;
	bool keep = false;
	int r;

	r = read_version(settings->tpm_version, &version, err);
	if (r == 0) {
		keep = will_be_kept(settings);
		r = manufacture_settings_read(&settings->factory, version, &options,
					      keep ? NULL : &password, err);
	}
	if (r < 0)
		return r;
	set_progress(settings, &options);
	return make(settings, &options, err);
}

const struct setup_command setup_manufacture = {
	.name = "manufacture",
	.about = "Makes a new TPM, with keys and certificates: all of it or nothing.",
	.specs = specs,
	.size = sizeof(struct settings),
	.run = run,
};
