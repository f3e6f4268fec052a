/* SPDX-License-Identifier: BSD-3-Clause */
/* vtpm-verify challenge: a secret that only the TPM with both keys can read. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "util/error.h"
#include "util/log.h"
#include "verify/program/program.h"

struct config {
	struct verify_options common;
	const char *roots, *intermediates, *ek, *ak, *credential, *kept;
};

static const struct option_spec specs[] = {
	OPTION_STRING("roots", 0, "FILE", "certificates that are trusted", struct config, roots),
	OPTION_STRING("intermediates", 0, "FILE", "certificates between those and the EK's",
		      struct config, intermediates),
	OPTION_STRING("ek", 0, "FILE", "the certificate of the endorsement key", struct config, ek),
	OPTION_STRING("ak", 0, "FILE", "the public area of the attestation key", struct config, ak),
	OPTION_STRING("credential", 0, "FILE", "write the challenge for the attester",
		      struct config, credential),
	OPTION_STRING("kept", 0, "FILE", "write what this command's user keeps", struct config,
		      kept),
	OPTION_FLAG("help", 'h', "print this and exit", struct config, common.help),
	{ 0 },
};

struct files {
	struct input_file roots, intermediates, ek, ak;
};

static void files_done(struct files *files)
{
	input_file_done(&files->roots);
	input_file_done(&files->intermediates);
	input_file_done(&files->ek);
	input_file_done(&files->ak);
}

static int read_files(const struct config *config, struct files *files,
		      struct vtpm_verify_challenge_input *input, struct error *err)
{
	int r = verify_read("roots", config->roots, &files->roots, &input->roots, err);

	if (r == 0)
		r = verify_read_optional("intermediates", config->intermediates,
					 &files->intermediates, &input->intermediates, err);
	if (r == 0)
		r = verify_read("ek", config->ek, &files->ek, &input->ek, err);
	if (r == 0)
		r = verify_read("ak", config->ak, &files->ak, &input->ak, err);
	return r;
}

static int run(const void *context, struct error *err)
{
	const struct config *config = context;
	cleanup_with(files_done) struct files files = { 0 };
	struct vtpm_verify_challenge_input input = { .now = time(NULL) };
	struct vtpm_verify_challenge challenge;
	enum vtpm_verify_kind kind;
	int r = read_files(config, &files, &input, err);

	if (r < 0)
		return r;
	kind = vtpm_verify_challenge(&input, &challenge);
	if (kind != VTPM_VERIFY_YES) {
		log_err("no: %s", challenge.reason);
		return (int)kind;
	}
	r = verify_write("credential", config->credential, challenge.credential,
			 challenge.credential_len, err);
	if (r == 0)
		r = verify_write("kept", config->kept, challenge.kept, strlen(challenge.kept), err);
	if (r == 0)
		(void)puts(challenge.nonce);
	return r;
}

const struct verify_command verify_challenge = {
	.name = "challenge",
	.about = "Makes a challenge for the TPM of a certificate; prints the nonce for the quote.",
	.specs = specs,
	.size = sizeof(struct config),
	.run = run,
};
