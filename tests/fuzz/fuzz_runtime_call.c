/* SPDX-License-Identifier: BSD-3-Clause */
/* A caller's command line: what is found in it is a whole word of it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/host/runtime_root.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_word(const char *word, const char *begin, const char *end)
{
	if (word != NULL && (word < begin || word + strlen(word) >= end))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *begin = (const char *)data, *end = begin + size;
	struct runtime_call call;
	char root[PATH_MAX];

	if (runtime_call_parse(begin, size, &call) < 0)
		return 0;
	check_word(call.program, begin, end);
	check_word(call.root, begin, end);
	check_word(call.command, begin, end);
	if (call.program == NULL || strchr(call.program, '/') != NULL ||
	    (call.command != NULL && call.command[0] == '-'))
		abort();
	(void)runtime_call_root(&call, "/x", root);
	return 0;
}
