/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/config/own_hook.h"

#include "runtime/config/members.h"

#define PATH "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* Seconds; making keys and certificates of many TPMs may take long. */
#define TIMEOUT 120

json_t *own_hook(const char *program, json_t *args, const char *stage)
{
	cleanup_json json_t *words = json_pack("[s]", "vtpm-hook");

	if (json_array_extend(words, args) < 0 ||
	    json_array_append_new(words, json_string(stage)) < 0)
		return NULL;
	return json_pack("{s:s, s:O, s:[s], s:i}", "path", program, "args", words, "env", PATH,
			 "timeout", TIMEOUT);
}
