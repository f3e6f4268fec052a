/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/bytes.h"

#include <errno.h>
#include <stdlib.h>

void hex_encode(const uint8_t *bytes, size_t len, char *text)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	text[2 * len] = '\0';
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int hex_decode(const char *text, size_t text_len, uint8_t *bytes, size_t len)
{
	if (text_len != 2 * len)
		return -EINVAL;

	for (size_t i = 0; i < len; i++) {
		int high = hex_value(text[2 * i]);
		int low = hex_value(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

/* strtoul() alone takes signs, blanks and trailing rubbish. */
int number_parse(const char *text, int base, unsigned long most, unsigned long *ret)
{
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return -EINVAL;
	errno = 0;
	*ret = strtoul(text, &end, base);
	if (errno != 0 || *end != '\0' || *ret > most)
		return -EINVAL;
	return 0;
}
