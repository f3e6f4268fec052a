/* SPDX-License-Identifier: BSD-3-Clause */
#include "verify/kept_challenge.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "util/bytes.h"
#include "util/cleanup.h"
#include "util/error.h"

#define KEPT_VERSION 1

void kept_challenge_write(const struct kept_challenge *kept, char text[static KEPT_MOST])
{
	char nonce[2 * sizeof(kept->nonce) + 1], secret[2 * sizeof(kept->secret) + 1];

	hex_encode(kept->nonce, sizeof(kept->nonce), nonce);
	hex_encode(kept->secret, sizeof(kept->secret), secret);
	(void)snprintf(text, KEPT_MOST,
		       "{\n  \"version\": %d,\n  \"ek\": \"%s\",\n  \"ak\": \"%s\",\n"
		       "  \"nonce\": \"%s\",\n  \"secret\": \"%s\",\n  \"made\": %" PRId64 "\n}\n",
		       KEPT_VERSION, kept->ek, kept->ak, nonce, secret, kept->made);
}

/* Whether TEXT is 1 to SIZE - 1 hex digits; a copy of them. */
static bool copy_hex(const char *text, char *ret, size_t size)
{
	const size_t len = strlen(text);

	if (len == 0 || len >= size || strspn(text, "0123456789abcdef") != len)
		return false;
	memcpy(ret, text, len + 1);
	return true;
}

static bool decode(const char *text, uint8_t *bytes, size_t len)
{
	return hex_decode(text, strlen(text), bytes, len) == 0;
}

int kept_challenge_parse(const char *text, size_t len, struct kept_challenge *ret,
			 struct error *err)
{
	cleanup_with(json_decrefp) json_t *root =
		len <= KEPT_MOST ? json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL) : NULL;
	const char *ek, *ak, *nonce, *secret;
	json_int_t made;
	int version;

	if (root == NULL ||
	    json_unpack_ex(root, NULL, JSON_STRICT, "{s:i, s:s, s:s, s:s, s:s, s:I}", "version",
			   &version, "ek", &ek, "ak", &ak, "nonce", &nonce, "secret", &secret,
			   "made", &made) < 0 ||
	    version != KEPT_VERSION || !copy_hex(ek, ret->ek, sizeof(ret->ek)) ||
	    !copy_hex(ak, ret->ak, sizeof(ret->ak)) ||
	    !decode(nonce, ret->nonce, sizeof(ret->nonce)) ||
	    !decode(secret, ret->secret, sizeof(ret->secret)))
		return error_say(err, EINVAL, "this is not what was kept of a challenge");
	ret->made = made;
	return 0;
}
