/* SPDX-License-Identifier: BSD-3-Clause */
#include "verify/log/event.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/bytes.h"

struct known_event {
	uint8_t pcr; /* 0: both */
	uint8_t content;
	uint8_t type;
	enum cel_form form;
	const char *name;
};

static const struct known_event known_events[] = {
	{ CEL_PCR_CONTAINER, CEL_CONTAINER, CEL_IMAGE_REFERENCE, CEL_TEXT, "image-reference" },
	{ CEL_PCR_CONTAINER, CEL_CONTAINER, CEL_IMAGE_DIGEST, CEL_TEXT, "image-digest" },
	{ CEL_PCR_CONTAINER, CEL_CONTAINER, CEL_IMAGE_ID, CEL_TEXT, "image-id" },
	{ CEL_PCR_CONTAINER, CEL_CONTAINER, CEL_ARGUMENT, CEL_TEXT, "argument" },
	{ CEL_PCR_CONTAINER, CEL_CONTAINER, CEL_ENVIRONMENT, CEL_TEXT, "environment" },
	{ 0, CEL_CONTAINER, CEL_SEPARATOR, CEL_EMPTY, "separator" },
	{ CEL_PCR_HOST, CEL_VTPM, CEL_PRODUCT, CEL_TEXT, "product" },
	{ CEL_PCR_HOST, CEL_VTPM, CEL_LIBRARY, CEL_TEXT, "library" },
	{ CEL_PCR_HOST, CEL_VTPM, CEL_HOST, CEL_SHA256, "host" },
	{ CEL_PCR_HOST, CEL_VTPM, CEL_BOOT, CEL_TEXT, "boot" },
	{ CEL_PCR_HOST, CEL_VTPM, CEL_CLASS, CEL_TEXT, "class" },
	{ CEL_PCR_HOST, CEL_VTPM, CEL_CLASS_FILE, CEL_SHA256, "class-file" },
	{ CEL_PCR_HOST, CEL_VTPM, CEL_RUNTIME, CEL_TEXT, "runtime" },
	{ CEL_PCR_HOST, CEL_VTPM, CEL_ENGINE, CEL_TEXT, "engine" },
	{ CEL_PCR_HOST, CEL_VTPM, CEL_ORIGIN, CEL_TEXT, "origin" },
	{ CEL_PCR_HOST, CEL_VTPM, CEL_HOST_QUOTE, CEL_BYTES, "host-quote" },
	{ CEL_PCR_CONTAINER, CEL_VTPM, CEL_ENVIRONMENT_NAME, CEL_TEXT, "environment-name" },
	{ CEL_PCR_CONTAINER, CEL_VTPM, CEL_MOUNT, CEL_JSON, "mount" },
	{ CEL_PCR_CONTAINER, CEL_VTPM, CEL_CONFIG, CEL_SHA256, "config" },
	{ CEL_PCR_CONTAINER, CEL_VTPM, CEL_ROOTFS, CEL_SHA256, "rootfs" },
	{ CEL_PCR_CONTAINER, CEL_VTPM, CEL_FILE, CEL_SHA256_PATH, "file" },
	{ CEL_PCR_CONTAINER, CEL_VTPM, CEL_FILE_ABSENT, CEL_TEXT, "file-absent" },
	{ 0, CEL_VTPM, CEL_RELAUNCH, CEL_JSON, "relaunch" },
	{ 0, CEL_VTPM, CEL_ATTACHED, CEL_EMPTY, "attached" },
};

static const struct known_event *find(uint8_t content, uint8_t type)
{
	for (size_t i = 0; i < sizeof(known_events) / sizeof(known_events[0]); i++) {
		if (known_events[i].content == content && known_events[i].type == type)
			return &known_events[i];
	}
	return NULL;
}

const char *cel_event_name(uint8_t content, uint8_t type)
{
	const struct known_event *event = find(content, type);

	return event == NULL ? NULL : event->name;
}

enum cel_form cel_event_form(uint8_t content, uint8_t type)
{
	const struct known_event *event = find(content, type);

	return event == NULL ? CEL_NO_FORM : event->form;
}

bool cel_event_is_of_launch(const struct cel_event *event)
{
	const struct known_event *known = find(event->content, event->type);

	return known != NULL && known->pcr == event->pcr;
}

size_t cel_content_size(const struct cel_event *event)
{
	return 2 * CEL_TLV_HEADER + event->len;
}

void cel_content_write(const struct cel_event *event, uint8_t *bytes)
{
	bytes[0] = event->content;
	put_be32(bytes + 1, (uint32_t)(CEL_TLV_HEADER + event->len));
	bytes += CEL_TLV_HEADER;
	bytes[0] = event->type;
	put_be32(bytes + 1, (uint32_t)event->len);
	if (event->len > 0)
		memcpy(bytes + CEL_TLV_HEADER, event->data, event->len);
}

int cel_content_parse(const uint8_t *bytes, size_t len, struct cel_event *ret)
{
	size_t outer;

	if (len < 2 * CEL_TLV_HEADER || (bytes[0] != CEL_CONTAINER && bytes[0] != CEL_VTPM))
		return -EINVAL;
	outer = get_be32(bytes + 1);
	if (outer < CEL_TLV_HEADER || outer > CEL_TLV_HEADER + CEL_EVENT_MOST ||
	    outer > len - CEL_TLV_HEADER || get_be32(bytes + 6) != outer - CEL_TLV_HEADER)
		return -EINVAL;
	ret->content = bytes[0];
	ret->type = bytes[CEL_TLV_HEADER];
	ret->data = bytes + 2 * CEL_TLV_HEADER;
	ret->len = outer - CEL_TLV_HEADER;
	return (int)(CEL_TLV_HEADER + outer);
}

/* Room for MORE bytes behind those that are there. */
static int make_room(struct cel_list *list, size_t more)
{
	size_t room = list->room == 0 ? 1024 : list->room;
	uint8_t *bytes;

	if (more > CEL_LOG_MOST - list->len)
		return -E2BIG;
	while (room < list->len + more)
		room *= 2;
	if (room == list->room)
		return 0;
	bytes = realloc(list->bytes, room);
	if (bytes == NULL)
		return -ENOMEM;
	list->bytes = bytes;
	list->room = room;
	return 0;
}

int cel_list_add(struct cel_list *list, const struct cel_event *event)
{
	size_t size;
	int r;

	if (event->len > CEL_EVENT_MOST)
		return -E2BIG;
	size = 1 + cel_content_size(event);
	r = make_room(list, size);
	if (r < 0)
		return r;
	list->bytes[list->len] = event->pcr;
	cel_content_write(event, list->bytes + list->len + 1);
	list->len += size;
	return 0;
}

void cel_list_done(struct cel_list *list)
{
	free(list->bytes);
	memset(list, 0, sizeof(*list));
}

int cel_list_next(const uint8_t *bytes, size_t len, size_t *at, struct cel_event *ret)
{
	int size;

	if (*at == len)
		return 0;
	ret->pcr = bytes[*at];
	if (ret->pcr != CEL_PCR_HOST && ret->pcr != CEL_PCR_CONTAINER)
		return -EINVAL;
	size = cel_content_parse(bytes + *at + 1, len - *at - 1, ret);
	if (size < 0)
		return size;
	*at += 1 + (size_t)size;
	return 1;
}
