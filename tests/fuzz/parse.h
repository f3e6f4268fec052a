/* SPDX-License-Identifier: BSD-3-Clause */
/* A text that one of our own functions has accepted or written: it is an object. */
#ifndef VTPM_TESTS_FUZZ_PARSE_H
#define VTPM_TESTS_FUZZ_PARSE_H

#include <stdlib.h>
#include <string.h>

#include "runtime/config/members.h"

static inline json_t *fuzz_parse(const char *text)
{
	json_t *json;

	if (object_parse(text, strlen(text), &json, NULL) < 0)
		abort();
	return json;
}

#endif
