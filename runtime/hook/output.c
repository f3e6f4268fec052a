/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/hook/output.h"

#include <errno.h>
#include <stdio.h>

int output_print(json_t *json)
{
	return json_dumpf(json, stdout, JSON_INDENT(4)) < 0 || putchar('\n') == EOF ? -EIO : 0;
}

const char *output_text(json_t *one, const char *name)
{
	return json_string_value(json_object_get(one, name));
}
