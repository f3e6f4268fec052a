/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/config/oci_state.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "runtime/config/members.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/file.h"

static int string_of(json_t *json, const char *name, const char **ret, struct error *err)
{
	json_t *value = NULL;
	int r;

	r = member_find(json, name, &value, err);
	if (r < 0)
		return r;
	if (!json_is_string(value) || json_string_length(value) == 0)
		return error_say(err, EINVAL, "%s is missing", name);
	*ret = json_string_value(value);
	return 0;
}

int oci_id_check(const char *id, struct error *err)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-.";

	if (id[0] == '.' || strspn(id, allowed) != strlen(id))
		return error_say(err, EINVAL, "the container's id '%.64s' cannot name a device",
				 id);
	if (strlen(id) > OCI_ID_LEN)
		return error_say(err, ENAMETOOLONG,
				 "the container's id has more than %d characters", OCI_ID_LEN);
	return 0;
}

static int read_members(struct oci_state *state, struct error *err)
{
	json_t *pid = NULL;
	int r;

	r = string_of(state->json, "id", &state->id, err);
	if (r == 0)
		r = oci_id_check(state->id, err);
	if (r == 0)
		r = string_of(state->json, "bundle", &state->bundle, err);
	if (r == 0)
		r = member_find(state->json, "pid", &pid, err);
	if (r == 0)
		r = member_find(state->json, "annotations", &state->annotations, err);
	if (r < 0)
		return r;
	if (state->bundle[0] != '/')
		return error_say(err, EINVAL, "bundle is not an absolute path");
	if (pid == NULL)
		return 0;
	if (!json_is_integer(pid) || json_integer_value(pid) < 0 ||
	    json_integer_value(pid) > INT32_MAX)
		return error_say(err, EINVAL, "pid is not a process number");
	state->pid = (pid_t)json_integer_value(pid);
	return 0;
}

int oci_state_parse(const char *text, size_t len, struct oci_state *ret, struct error *err)
{
	struct oci_state state = { 0 };
	int r;

	r = object_parse(text, len, &state.json, err);
	if (r == 0)
		r = read_members(&state, err);
	if (r < 0) {
		oci_state_done(&state);
		return error_prefix(err, r, "container state on standard input");
	}
	*ret = state;
	return 0;
}

int oci_state_read(int fd, struct oci_state *ret, struct error *err)
{
	cleanup_free char *text = NULL;
	size_t len;
	int r = read_whole(fd, CONTAINER_TEXT_MAX, &text, &len);

	if (r == -EFBIG)
		return error_say(err, EFBIG, "the container state is larger than 10 MiB");
	if (r < 0)
		return error_set(err, -r, "read the container state");
	return oci_state_parse(text, len, ret, err);
}

void oci_state_done(struct oci_state *state)
{
	json_decref(state->json);
	state->json = NULL;
}
