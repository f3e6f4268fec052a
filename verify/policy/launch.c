/* SPDX-License-Identifier: BSD-3-Clause */
#include "verify/policy/launch.h"

#include <errno.h>
#include <string.h>

#include "util/bytes.h"
#include "util/error.h"
#include "util/sha256.h"

/* The registers, and what was found in them so far. */
struct progress {
	unsigned int launches;  /* events that belong in one of them */
	unsigned int others[2]; /* those that are in each, by register */
	uint8_t other_type[2];
	bool separated[2];
};

/* Whether EVENT stands in a launch's place, alone, in each of the registers. */
static bool is_in_both(const struct cel_event *event)
{
	return event->content == CEL_VTPM &&
	       (event->type == CEL_RELAUNCH || event->type == CEL_ATTACHED);
}

static bool is_list(const struct cel_event *event)
{
	if (event->content == CEL_CONTAINER)
		return event->type == CEL_ARGUMENT || event->type == CEL_ENVIRONMENT;
	return event->type == CEL_ENVIRONMENT_NAME || event->type == CEL_MOUNT ||
	       event->type == CEL_FILE;
}

static json_t *hex_of(const uint8_t *data, size_t len)
{
	cleanup_free char *text = malloc(2 * len + 1);

	if (text == NULL)
		return NULL;
	hex_encode(data, len, text);
	return json_string(text);
}

/* A digest, and the path of the file that it is of. */
static json_t *file_of(const struct cel_event *event)
{
	if (event->len <= SHA256_SIZE)
		return NULL;
	return json_pack(
		"{s:o, s:o}", "digest", hex_of(event->data, SHA256_SIZE), "path",
		json_stringn((const char *)event->data + SHA256_SIZE, event->len - SHA256_SIZE));
}

/* NULL: the event's data are not what such an event has. */
static json_t *value_of(const struct cel_event *event)
{
	const char *text = (const char *)event->data;

	switch (cel_event_form(event->content, event->type)) {
	case CEL_EMPTY:
		return event->len == 0 ? json_true() : NULL;
	case CEL_TEXT:
		return json_stringn(text, event->len);
	case CEL_JSON:
		return json_loadb(text, event->len, JSON_REJECT_DUPLICATES, NULL);
	case CEL_SHA256:
		return event->len == SHA256_SIZE ? hex_of(event->data, event->len) : NULL;
	case CEL_SHA256_PATH:
		return file_of(event);
	case CEL_BYTES:
		return hex_of(event->data, event->len);
	case CEL_NO_FORM:
		break;
	}
	return NULL;
}

static int append(json_t *launch, const char *name, json_t *value)
{
	json_t *list = json_object_get(launch, name);

	if (list == NULL) {
		list = json_array();
		if (json_object_set_new(launch, name, list) < 0) {
			json_decref(value);
			return -ENOMEM;
		}
	}
	return json_array_append_new(list, value) < 0 ? -ENOMEM : 0;
}

/* -EEXIST: a second event of a kind that is there once; -EINVAL: its data are malformed. */
static int add(json_t *launch, const struct cel_event *event, const char *name)
{
	const json_t *before = json_object_get(launch, name);
	json_t *value = value_of(event);
	bool twice;

	if (value == NULL)
		return -EINVAL;
	if (is_list(event))
		return append(launch, name, value);
	twice = before != NULL && (!is_in_both(event) || !json_equal(before, value));
	if (json_object_set_new(launch, name, value) < 0)
		return -ENOMEM;
	return twice ? -EEXIST : 0;
}

static int refuse(const struct cel_record *record, const char *name, const char *why,
		  struct error *err)
{
	return error_say(err, EPERM, "record %u of the event log, %s: %s",
			 (unsigned int)record->number, name != NULL ? name : "unknown", why);
}

/* Counts the event; returns a sentence if no launcher writes such an event here. */
static const char *count(struct progress *progress, const struct cel_event *event)
{
	const size_t at = event->pcr == CEL_PCR_HOST ? 0 : 1;

	if (progress->separated[at])
		return "it comes after the launch, and so from inside";
	if (cel_is_separator(event)) {
		progress->separated[at] = true;
		return NULL;
	}
	if (!is_in_both(event)) {
		if (!cel_event_is_of_launch(event))
			return "it does not belong in this register";
		progress->launches++;
		return NULL;
	}
	progress->others[at]++;
	progress->other_type[at] = event->type;
	return NULL;
}

static int take(const struct cel_record *record, struct progress *progress, json_t *launch,
		struct error *err)
{
	const struct cel_event *event = &record->event;
	const char *name = cel_event_name(event->content, event->type);
	const char *why;
	int r;

	if (event->pcr != CEL_PCR_HOST && event->pcr != CEL_PCR_CONTAINER)
		return refuse(record, name, "no launch is measured into its register", err);
	if (name == NULL)
		return refuse(record, name, "no launcher knows such an event", err);
	why = count(progress, event);
	if (why != NULL)
		return refuse(record, name, why, err);
	if (cel_is_separator(event))
		return event->len == 0 ? 0 : refuse(record, name, "it is not empty", err);
	r = add(launch, event, name);
	if (r == -EEXIST)
		return refuse(record, name, "there is another one before it", err);
	if (r == -EINVAL)
		return refuse(record, name, "its data are malformed", err);
	return r < 0 ? error_set(err, -r, "read the event log") : 0;
}

static int check_end(const struct progress *progress, struct error *err)
{
	const unsigned int *others = progress->others;

	for (size_t at = 0; at < 2; at++) {
		if (!progress->separated[at])
			return error_say(
				err, EPERM,
				"the event log has no separator in register %d: the launch "
				"has not ended",
				at == 0 ? CEL_PCR_HOST : CEL_PCR_CONTAINER);
	}
	if (others[0] == 0 && others[1] == 0)
		return progress->launches > 0
			       ? 0
			       : error_say(err, EPERM, "the event log says nothing of a launch");
	if (progress->launches > 0 || others[0] != 1 || others[1] != 1 ||
	    progress->other_type[0] != progress->other_type[1])
		return error_say(err, EPERM,
				 "the event log has a relaunch or an attachment that is not alone");
	return 0;
}

int launch_read(const struct cel_log *log, json_t **ret, struct error *err)
{
	cleanup_with(json_decrefp) json_t *launch = json_object();
	struct progress progress = { 0 };
	int r = launch != NULL ? 0 : error_set(err, ENOMEM, "read the event log");

	for (size_t i = 0; r == 0 && i < log->count; i++)
		r = take(&log->records[i], &progress, launch, err);
	if (r == 0)
		r = check_end(&progress, err);
	if (r == 0)
		*ret = take_ptr(launch);
	return r;
}
