/* SPDX-License-Identifier: BSD-3-Clause */
#include "certs/setup/setup.h"

#include <errno.h>
#include <sys/stat.h>

#include "util/error.h"

bool setup_key_is_named(const struct setup_key *named)
{
	return named->plain || named->key != NULL || named->password != NULL ||
	       named->host_key != NULL;
}

int setup_key_take(const struct setup_key *named, struct state_key **ret, struct error *err)
{
	const char *path = named->host_key;
	int count = named->plain + (named->key != NULL) + (named->password != NULL) +
		    (named->host_key != NULL);

	if (count > 1)
		return error_say(err, EINVAL, "a state has one key: several are given");
	if (named->plain)
		return state_key_plain(ret, err);
	if (named->key != NULL)
		return state_key_from_spec(KEY_RAW, named->key, ret, err);
	if (named->password != NULL)
		return state_key_from_spec(KEY_PASSWORD, named->password, ret, err);
	return state_key_from_host(path != NULL && *path != '\0' ? path : NULL, ret, err);
}

struct state_options setup_options(const struct setup_state *state, const struct state_key *key,
				   enum tpm_version version)
{
	struct state_options options = {
		.dir = state->dir,
		.version = version,
		.key = key,
		.sync = true,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
	};
	struct stat st;

	/* Files that root changes must stay the server's. */
	if (geteuid() == 0 && stat(state->dir, &st) == 0) {
		options.uid = st.st_uid;
		options.gid = st.st_gid;
	}
	return options;
}

int setup_open(const struct setup_state *state, bool read_only, struct state **ret,
	       struct error *err)
{
	cleanup_with(state_key_freep) struct state_key *key = NULL;
	struct state_options options;
	int r;

	r = setup_key_take(&state->key, &key, err);
	if (r < 0)
		return r;
	options = setup_options(state, key, 0);
	options.read_only = read_only;
	return state_open(&options, ret, err);
}

int setup_load(struct state *state, struct tpm_blobs *blobs, struct error *err)
{
	const struct tpm_storage storage = state_storage(state);
	int r = tpm_blobs_load(blobs, &storage);

	return r < 0 ? error_say(err, -r, "%s", state_last_error(state)) : 0;
}
