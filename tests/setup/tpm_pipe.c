/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tpm_pipe DIR KIND [SPEC]: the TPM in DIR, a new TPM 2.0 where there is none; commands on standard
 * input and responses on standard output, as the TSS's "cmd" transport wants it. Switched on at the
 * start, off at the end. KIND is plain, key, password or host-key, whose SPEC is the file.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/common/pipe.h"
#include "tpm/state/state.h"
#include "util/file.h"

static int take_key(char **argv, struct state_key **ret, struct error *err)
{
	if (strcmp(argv[2], "plain") == 0)
		return state_key_plain(ret, err);
	if (strcmp(argv[2], "host-key") == 0)
		return state_key_from_host(argv[3], ret, err);
	return state_key_from_spec(strcmp(argv[2], "key") == 0 ? KEY_RAW : KEY_PASSWORD, argv[3],
				   ret, err);
}

static int serve_one(struct tpm *tpm, bool *end)
{
	uint8_t command[TPM_COMMAND_MAX];
	const uint8_t *response;
	size_t len;
	int r = pipe_read_command(command);

	*end = r == 0;
	if (r <= 0)
		return r;
	if (tpm_execute(tpm, command, (size_t)r, &response, &len) < 0)
		return -EIO;
	return write_all(STDOUT_FILENO, response, len);
}

static int open_any(struct state_options *options, struct state **ret, struct error *err)
{
	int r = state_open(options, ret, err);

	if (r != -ENOENT)
		return r;
	options->version = TPM_VERSION_2;
	return state_open(options, ret, err);
}

static int serve(struct state *state, struct error *err)
{
	cleanup_with(tpm_stopp) struct tpm *tpm = NULL;
	struct tpm_storage storage = state_storage(state);
	struct state_info info;
	bool end = false;
	int r;

	state_get_info(state, &info);
	r = tpm_start(info.version, &storage, &tpm, err);
	if (r == 0)
		r = tpm_startup(tpm, err);
	while (r == 0 && !end)
		r = serve_one(tpm, &end);
	return r < 0 ? r : tpm_shutdown(tpm, err);
}

int main(int argc, char **argv)
{
	cleanup_with(state_closep) struct state *state = NULL;
	cleanup_with(state_key_freep) struct state_key *key = NULL;
	struct state_options options = { .sync = true, .uid = (uid_t)-1, .gid = (gid_t)-1 };
	struct error err = { "" };
	int r;

	if (argc < 3)
		return 2;
	r = take_key(argv, &key, &err);
	options.dir = argv[1];
	options.key = key;
	if (r == 0)
		r = open_any(&options, &state, &err);
	if (r == 0)
		r = serve(state, &err);
	if (r < 0)
		(void)fprintf(stderr, "tpm_pipe: %s\n", err.text);
	return r < 0;
}
