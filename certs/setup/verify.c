/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vtpm-setup verify: reads all of a state and has libtpms check it.
 */
#include "certs/setup/setup.h"

#include "util/error.h"

struct config {
	struct setup_state state;
};

static const struct option_spec specs[] = {
	SETUP_STATE_OPTIONS(struct config, state),
	{ 0 },
};

static int verify(const void *context, struct error *err)
{
	const struct config *config = context;
	cleanup_with(tpm_blobs_done) struct tpm_blobs blobs = { 0 };
	cleanup_with(state_closep) struct state *state = NULL;
	struct tpm_storage storage = tpm_blobs_storage(&blobs);
	struct state_info info;
	int r;

	r = setup_open(&config->state, true, &state, err);
	if (r == 0)
		r = setup_load(state, &blobs, err);
	if (r < 0)
		return r;
	state_get_info(state, &info);
	r = tpm_validate(info.version, &storage, err);
	if (r < 0)
		return r;
	if (info.warning.text[0] != '\0')
		(void)printf("warning: %s\n", info.warning.text);
	(void)printf("%s: TPM %s, generation %llu: good\n", info.dir,
		     tpm_version_name(info.version), (unsigned long long)info.generation);
	return 0;
}

const struct setup_command setup_verify = {
	.name = "verify",
	.about = "Reads all of a state and has libtpms check it.",
	.specs = specs,
	.size = sizeof(struct config),
	.run = verify,
};
