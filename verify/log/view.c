/* SPDX-License-Identifier: BSD-3-Clause */
#include "verify/log/view.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "util/bytes.h"
#include "util/cleanup.h"
#include "util/printable.h"
#include "util/sha256.h"
#include "verify/log/log.h"

static char *hex_of(const uint8_t *bytes, size_t len)
{
	char *text = malloc(2 * len + 1);

	if (text != NULL)
		hex_encode(bytes, len, text);
	return text;
}

/* What is a text from byte FROM on, and ends where the event does; NULL: it is none. */
static char *text_of(const struct cel_event *event, size_t from)
{
	char *text = strndup((const char *)event->data + from, event->len - from);

	if (text != NULL && (strlen(text) != event->len - from || !text_is_utf8(text))) {
		free(text);
		text = NULL;
	}
	return text;
}

static int set_text(json_t *json, const char *name, const char *text)
{
	return text == NULL ? -ENOMEM : json_object_set_new(json, name, json_string(text));
}

static int set_hex(json_t *json, const char *name, const uint8_t *bytes, size_t len)
{
	cleanup_free char *text = hex_of(bytes, len);

	return set_text(json, name, text);
}

static int set_value(json_t *json, const struct cel_event *event)
{
	json_t *value =
		json_loadb((const char *)event->data, event->len, JSON_REJECT_DUPLICATES, NULL);

	return value == NULL ? set_hex(json, "data", event->data, event->len)
			     : json_object_set_new(json, "value", value);
}

/* A digest, and a path behind it where PATH says so. */
static int set_digest(json_t *json, const struct cel_event *event, bool path)
{
	cleanup_free char *text = NULL;

	if (event->len < SHA256_SIZE || (!path && event->len != SHA256_SIZE))
		return set_hex(json, "data", event->data, event->len);
	text = path ? text_of(event, SHA256_SIZE) : NULL;
	if (path && text == NULL)
		return set_hex(json, "data", event->data, event->len);
	if (path && set_text(json, "path", text) < 0)
		return -ENOMEM;
	return set_hex(json, "sha256", event->data, SHA256_SIZE);
}

static int set_data(json_t *json, const struct cel_event *event)
{
	cleanup_free char *text = NULL;

	switch (cel_event_form(event->content, event->type)) {
	case CEL_EMPTY:
		return event->len == 0 ? 0 : set_hex(json, "data", event->data, event->len);
	case CEL_TEXT:
		text = text_of(event, 0);
		return text != NULL ? set_text(json, "text", text)
				    : set_hex(json, "data", event->data, event->len);
	case CEL_JSON:
		return set_value(json, event);
	case CEL_SHA256:
		return set_digest(json, event, false);
	case CEL_SHA256_PATH:
		return set_digest(json, event, true);
	default:
		return set_hex(json, "data", event->data, event->len);
	}
}

static json_t *name_of(const struct cel_event *event)
{
	const char *name = cel_event_name(event->content, event->type);

	return name != NULL ? json_string(name)
			    : json_sprintf("%u.%u", event->content, event->type);
}

static json_t *digests_of(const struct cel_record *record)
{
	json_t *json = json_object();

	for (size_t i = 0; json != NULL && i < record->digest_count; i++)
		(void)set_hex(json, record->digests[i].bank->name, record->digests[i].bytes,
			      record->digests[i].bank->size);
	return json;
}

json_t *cel_record_json(const struct cel_record *record)
{
	json_t *json = json_pack("{s:I, s:i, s:o}", "record", (json_int_t)record->number, "pcr",
				 (int)record->event.pcr, "event", name_of(&record->event));

	if (json == NULL || set_data(json, &record->event) < 0 ||
	    json_object_set_new(json, "digests", digests_of(record)) < 0) {
		json_decref(json);
		return NULL;
	}
	return json;
}

json_t *cel_log_json(const struct cel_log *log)
{
	json_t *all = json_array();

	for (size_t i = 0; all != NULL && i < log->count; i++) {
		if (json_array_append_new(all, cel_record_json(&log->records[i])) < 0) {
			json_decref(all);
			return NULL;
		}
	}
	return all;
}

char *cel_event_text(const struct cel_event *event)
{
	cleanup_free char *digest = NULL, *text = NULL, *path = NULL;
	enum cel_form form = cel_event_form(event->content, event->type);
	const size_t from = form == CEL_SHA256_PATH && event->len > SHA256_SIZE ? SHA256_SIZE : 0;
	char *line = NULL;

	if (form == CEL_TEXT || form == CEL_JSON || from > 0)
		text = text_of(event, from);
	if (text == NULL)
		return hex_of(event->data, event->len);
	if (from == 0)
		return text_printable(text);
	digest = hex_of(event->data, SHA256_SIZE);
	path = text_printable(text);
	if (digest == NULL || path == NULL || asprintf(&line, "%s %s", digest, path) < 0)
		return NULL;
	return line;
}
