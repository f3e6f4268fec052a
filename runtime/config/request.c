/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/config/request.h"

#include <errno.h>
#include <string.h>

#include "util/error.h"

#define LOWER_AND_DIGITS "abcdefghijklmnopqrstuvwxyz0123456789"

/* The most bytes of an untrusted text that a message shows. */
#define SHOWN_MOST 64

static bool is_name(const char *name, size_t most)
{
	size_t len = strlen(name);

	return len > 0 && len <= most && strchr(LOWER_AND_DIGITS, name[0]) != NULL &&
	       strspn(name, LOWER_AND_DIGITS "._-") == len;
}

bool device_name_is_plain(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

	return name[0] != '\0' && name[0] != '.' && strspn(name, allowed) == strlen(name);
}

bool class_name_is_valid(const char *name)
{
	return is_name(name, CLASS_NAME_LEN);
}

bool state_name_is_valid(const char *name)
{
	return is_name(name, STATE_NAME_LEN);
}

/* How many bytes of a word can be printed in a message. */
static int shown(const char *word, size_t len)
{
	size_t n = 0;

	while (n < len && n < SHOWN_MOST && word[n] >= ' ' && word[n] <= '~')
		n++;
	return (int)n;
}

static bool copy(const char *word, size_t len, char *to, size_t size)
{
	if (len >= size)
		return false;
	memcpy(to, word, len);
	to[len] = '\0';
	return true;
}

/* Parses CLASS[:DEVICE]. The entry that is made of it has further rules for the device's name. */
static int parse(const char *word, size_t len, struct class_request *ret, struct error *err)
{
	const char *colon = memchr(word, ':', len);
	size_t class_len = colon != NULL ? (size_t)(colon - word) : len;

	*ret = (struct class_request){ 0 };
	if (!copy(word, class_len, ret->class, sizeof(ret->class)) ||
	    !class_name_is_valid(ret->class))
		return error_say(err, EINVAL, "'%.*s' is not a class's name",
				 shown(word, class_len), word);
	if (colon == NULL)
		return 0;
	len -= class_len + 1;
	if (!copy(colon + 1, len, ret->device, sizeof(ret->device)) ||
	    !device_name_is_plain(ret->device))
		return error_say(err, EINVAL, "'%.*s' is not a device's name",
				 shown(colon + 1, len), colon + 1);
	return 0;
}

static int add(struct class_requests *requests, const struct class_request *one, struct error *err)
{
	for (size_t i = 0; i < requests->count; i++) {
		struct class_request *other = &requests->list[i];

		if (strcmp(one->device, other->device) != 0)
			continue;
		if (strcmp(one->class, other->class) == 0) {
			other->by_annotation |= one->by_annotation;
			return 0;
		}
		if (one->device[0] != '\0')
			return error_say(err, EINVAL, "the classes %s and %s both want device %s",
					 other->class, one->class, one->device);
	}
	if (requests->count == REQUESTS_MOST)
		return error_say(err, EINVAL, "more than %d classes are asked for", REQUESTS_MOST);
	requests->list[requests->count++] = *one;
	return 0;
}

int class_requests_add(struct class_requests *requests, const char *text, bool by_annotation,
		       struct error *err)
{
	struct class_requests all = *requests;

	for (;;) {
		size_t len = strcspn(text, ",");
		struct class_request one;
		int r;

		r = parse(text, len, &one, err);
		one.by_annotation = by_annotation;
		if (r == 0)
			r = add(&all, &one, err);
		if (r < 0)
			return r;
		if (text[len] == '\0')
			break;
		text += len + 1;
	}
	*requests = all;
	return 0;
}
