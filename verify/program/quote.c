/* SPDX-License-Identifier: BSD-3-Clause */
/* vtpm-verify quote: prints the verdict, yes, or no and why. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "util/error.h"
#include "util/log.h"
#include "verify/program/program.h"

struct config {
	struct verify_options common;
	const char *roots, *intermediates, *ek, *ak, *kept, *opened, *earlier, *nonce, *quote;
	const char *signature, *pcrs, *log, *policy;
	bool json;
};

static const struct option_spec specs[] = {
	OPTION_STRING("roots", 0, "FILE", "certificates that are trusted", struct config, roots),
	OPTION_STRING("intermediates", 0, "FILE", "certificates between those and the EK's",
		      struct config, intermediates),
	OPTION_STRING("ek", 0, "FILE", "the certificate of the endorsement key", struct config, ek),
	OPTION_STRING("ak", 0, "FILE", "the public area of the attestation key", struct config, ak),
	OPTION_STRING("kept", 0, "FILE", "what was kept of the challenge", struct config, kept),
	OPTION_STRING("opened", 0, "FILE", "the secret of the challenge, from the attester",
		      struct config, opened),
	OPTION_STRING("earlier", 0, "FILE", "a report that said yes, by --json", struct config,
		      earlier),
	OPTION_STRING("nonce", 0, "HEX", "what the quote must have, without a challenge",
		      struct config, nonce),
	OPTION_STRING("quote", 0, "FILE", "what the TPM signed", struct config, quote),
	OPTION_STRING("signature", 0, "FILE", "its signature", struct config, signature),
	OPTION_STRING("pcrs", 0, "FILE", "the registers' values", struct config, pcrs),
	OPTION_STRING("log", 0, "FILE", "the event log of the launch", struct config, log),
	OPTION_STRING("policy", 0, "FILE", "what must have been measured", struct config, policy),
	OPTION_FLAG("json", 0, "print a report", struct config, json),
	OPTION_FLAG("help", 'h', "print this and exit", struct config, common.help),
	{ 0 },
};

/* Each input has an option; where its path is, and where its bytes go. */
static const struct source {
	const char *option;
	size_t path, bytes;
	bool wanted;
} sources[] = {
#define SOURCE(name, wanted)                                                                    \
	{                                                                                       \
#name, offsetof(struct config, name), offsetof(struct vtpm_verify_input, name), \
			wanted                                                                  \
	}
	SOURCE(roots, true),    SOURCE(intermediates, false), SOURCE(ek, true),
	SOURCE(ak, true),       SOURCE(kept, false),          SOURCE(opened, false),
	SOURCE(earlier, false), SOURCE(quote, true),          SOURCE(signature, true),
	SOURCE(pcrs, false),    SOURCE(log, false),           SOURCE(policy, false),
};
#define SOURCES (sizeof(sources) / sizeof(sources[0]))

struct files {
	struct input_file files[SOURCES];
};

static void files_done(struct files *files)
{
	for (size_t i = 0; i < SOURCES; i++)
		input_file_done(&files->files[i]);
}

static int read_files(const struct config *config, struct files *files,
		      struct vtpm_verify_input *input, struct error *err)
{
	for (size_t i = 0; i < SOURCES; i++) {
		const struct source *source = &sources[i];
		const char *path =
			*(const char *const *)(const void *)((const char *)config + source->path);
		struct vtpm_verify_bytes *bytes = (void *)((char *)input + source->bytes);
		int r = source->wanted
				? verify_read(source->option, path, &files->files[i], bytes, err)
				: verify_read_optional(source->option, path, &files->files[i],
						       bytes, err);

		if (r < 0)
			return r;
	}
	return 0;
}

static void print(const struct config *config, const struct vtpm_verify_verdict *verdict)
{
	if (config->json && verdict->report != NULL)
		(void)puts(verdict->report);
	else if (verdict->kind == VTPM_VERIFY_YES)
		(void)puts("yes");
	if (verdict->kind != VTPM_VERIFY_YES)
		log_err("no: %s", verdict->reason);
}

static int run(const void *context, struct error *err)
{
	const struct config *config = context;
	cleanup_with(files_done) struct files files = { 0 };
	cleanup_with(vtpm_verify_verdict_done) struct vtpm_verify_verdict verdict = { 0 };
	struct vtpm_verify_input input = { .now = time(NULL) };
	uint8_t nonce[VERIFY_NONCE_MOST];
	int r = read_files(config, &files, &input, err);

	if (r == 0)
		r = verify_read_nonce(config->nonce, nonce, &input.nonce, err);
	if (r < 0)
		return r;
	(void)vtpm_verify_quote(&input, &verdict);
	print(config, &verdict);
	return (int)verdict.kind;
}

const struct verify_command verify_quote = {
	.name = "quote",
	.about = "Says yes, or no and why, to a quote and the log that leads to it.",
	.specs = specs,
	.size = sizeof(struct config),
	.run = run,
};
