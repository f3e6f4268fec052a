/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vtpm-setup show: what there is in a state directory.
 */
#include "certs/setup/setup.h"

#include <errno.h>
#include <jansson.h>

#include "tpm/state/dir.h"
#include "tpm/state/file.h"
#include "util/bytes.h"
#include "util/clock.h"
#include "util/error.h"

struct config {
	struct setup_state state;
	bool json;
};

static const struct option_spec specs[] = {
	SETUP_STATE_OPTIONS(struct config, state),
	{ "json", 'j', NULL, "print JSON", option_flag, offsetof(struct config, json) },
	{ 0 },
};

/* Adds the value to the object, which may be NULL after an earlier failure. */
static void add(json_t *object, const char *key, json_t *value)
{
	(void)json_object_set_new(object, key, value);
}

static json_t *time_text(uint64_t seconds)
{
	char text[UTC_TEXT_SIZE];

	if (seconds == 0 || seconds > INT64_MAX)
		return json_null();
	utc_text((int64_t)seconds, text);
	return json_string(text);
}

/* Shows what can be read without a key. */
static int show_header(const struct config *config, json_t *out, struct state_header *header,
		       struct error *err)
{
	struct state_dir dir = { .read_only = true, .uid = (uid_t)-1 };
	cleanup_with(state_file_closep) struct state_file *file = NULL;
	char id[2 * STATE_ID_SIZE + 1];
	int r;

	r = state_dir_open(&dir, config->state.dir, false, err);
	if (r < 0)
		return r;
	r = state_file_open(&dir, BLOB_PERMANENT, &file, err);
	state_dir_done(&dir);
	if (r < 0)
		return r;
	*header = *state_file_header(file);
	hex_encode(header->id, STATE_ID_SIZE, id);
	add(out, "state", json_string(config->state.dir));
	add(out, "tpm_version", json_string(tpm_version_name(header->version)));
	add(out, "id", json_string(id));
	add(out, "created", time_text(header->created));
	add(out, "encryption", json_string(key_kind_name(header->key)));
	add(out, "slot_size", json_integer(header->slot_size));
	return 0;
}

/* Nothing is written here, so a plain state needs no option that allows it. */
static int take_key(const struct config *config, const struct state_header *header,
		    struct state_key **ret, struct error *err)
{
	if (header->key == KEY_PLAIN && !setup_key_is_named(&config->state.key))
		return state_key_plain(ret, err);
	return setup_key_take(&config->state.key, ret, err);
}

static int show_content(const struct config *config, const struct state_key *key, json_t *out,
			struct error *err)
{
	cleanup_with(tpm_blobs_done) struct tpm_blobs blobs = { 0 };
	cleanup_with(state_closep) struct state *state = NULL;
	struct state_options options = setup_options(&config->state, key, 0);
	struct state_info info;
	int r;

	options.read_only = true;
	r = state_open(&options, &state, err);
	if (r == 0)
		r = setup_load(state, &blobs, err);
	if (r < 0)
		return r;
	state_get_info(state, &info);
	add(out, "generation", json_integer((json_int_t)info.generation));
	add(out, "stored", time_text((uint64_t)info.stored));
	add(out, "permanent_bytes", json_integer((json_int_t)blobs.of[BLOB_PERMANENT].len));
	add(out, "savestate", json_boolean(blobs.of[BLOB_SAVESTATE].data != NULL));
	if (info.warning.text[0] != '\0')
		add(out, "warning", json_string(info.warning.text));
	if (info.version != TPM_VERSION_2)
		return 0;
	return setup_list_certificates(&blobs, out, err);
}

static void print_value(const json_t *value)
{
	if (json_is_string(value))
		(void)printf("%s\n", json_string_value(value));
	else if (json_is_integer(value))
		(void)printf("%lld\n", (long long)json_integer_value(value));
	else if (json_is_boolean(value))
		(void)printf("%s\n", json_is_true(value) ? "yes" : "no");
	else
		(void)printf("-\n");
}

static void print_certificates(const json_t *list)
{
	const json_t *each;
	size_t i;

	json_array_foreach(list, i, each)
	{
		(void)printf("%-16s %s %s\n", "certificate",
			     json_string_value(json_object_get(each, "index")),
			     json_string_value(json_object_get(each, "issuer")));
	}
}

static void print(const struct config *config, const json_t *out)
{
	const json_t *value;
	const char *key;

	if (config->json) {
		(void)json_dumpf(out, stdout, JSON_INDENT(2));
		(void)putchar('\n');
		return;
	}
	json_object_foreach((json_t *)(uintptr_t)out, key, value)
	{
		if (json_is_array(value)) {
			print_certificates(value);
			continue;
		}
		(void)printf("%-16s ", key);
		print_value(value);
	}
}

static int show(const void *context, struct error *err)
{
	const struct config *config = context;
	cleanup_with(state_key_freep) struct state_key *key = NULL;
	json_auto_t *out = json_object();
	struct state_header header;
	int r;

	r = show_header(config, out, &header, err);
	if (r == 0)
		r = take_key(config, &header, &key, err);
	if (r < 0)
		return r;
	/* Without an option for a key only the header can be shown, and that is no failure. */
	if (state_key_kind(key) == header.key || setup_key_is_named(&config->state.key))
		r = show_content(config, key, out, err);
	if (r == 0)
		print(config, out);
	return r;
}

const struct setup_command setup_show = {
	.name = "show",
	.about = "Shows what there is in a state; all of it when its key is given.",
	.specs = specs,
	.size = sizeof(struct config),
	.run = show,
};
