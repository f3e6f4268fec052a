/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/printable.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The least code point of a character of N bytes: a longer form of a lesser one is none. */
static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };

static size_t length_by(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first < 0xe0)
		return 2;
	if (first >= 0xe0 && first < 0xf0)
		return 3;
	return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

/* The bytes of the character that TEXT begins with, and its code point; 0: it begins with none. */
static size_t next_character(const char *text, uint32_t *code)
{
	size_t len = length_by((unsigned char)text[0]);

	*code = (unsigned char)text[0];
	if (len > 1)
		*code &= 0xffU >> (len + 1);
	for (size_t i = 1; i < len; i++) {
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | ((unsigned char)text[i] & 0x3f);
	}
	if (*code < least[len] || *code > 0x10ffff || (*code >= 0xd800 && *code < 0xe000))
		return 0;
	return len;
}

bool text_is_utf8(const char *text)
{
	uint32_t code;

	while (*text != '\0') {
		size_t len = next_character(text, &code);

		if (len == 0)
			return false;
		text += len;
	}
	return true;
}

/* C0, DEL and C1. */
static bool is_control(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

size_t text_printable_length(const char *text)
{
	size_t done = 0, len;
	uint32_t code;

	while (text[done] != '\0') {
		len = next_character(text + done, &code);
		if (len == 0 || is_control(code))
			break;
		done += len;
	}
	return done;
}

char *text_printable(const char *text)
{
	char *out = malloc(4 * strlen(text) + 1), *end = out;

	if (out == NULL)
		return NULL;
	while (*text != '\0') {
		uint32_t code;
		size_t len = next_character(text, &code);
		const bool as_it_is = len > 0 && !is_control(code);

		if (len == 0)
			len = 1;
		for (; len > 0; len--, text++) {
			if (as_it_is)
				*end++ = *text;
			else
				end += sprintf(end, "\\x%02x", (unsigned char)*text);
		}
	}
	*end = '\0';
	return out;
}
