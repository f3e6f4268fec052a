/* SPDX-License-Identifier: BSD-3-Clause */
/* The words of a runtime's command line, as they are in /proc/PID/cmdline: all is found in them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/front/arguments.h"
#include "util/cleanup.h"

#define WORDS_MOST 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t split(char *text, size_t size, const char **argv)
{
	size_t count = 0;

	argv[count++] = "runtime";
	for (char *word = text; word < text + size && count < WORDS_MOST; word += strlen(word) + 1)
		argv[count++] = word;
	argv[count] = NULL;
	return count;
}

static void check_within(const char *found, const char *text, size_t size)
{
	if (found != NULL && (found < text || found > text + size))
		abort();
}

static void check(enum runtime_kind kind, const char *const *argv, int first, const char *text,
		  size_t size)
{
	struct runtime_arguments found;

	runtime_arguments_read(kind, argv, first, &found);
	check_within(found.root, text, size);
	check_within(found.log, text, size);
	check_within(found.bundle, text, size);
	check_within(found.resources, text, size);
	check_within(found.id, text, size);
	if (found.command == NULL && (found.id != NULL || found.bundle != NULL))
		abort();
	if (found.resources != NULL) {
		size_t len = strlen(found.resources), word = strlen(argv[found.resources_word]);

		if (len > word ||
		    strcmp(argv[found.resources_word] + word - len, found.resources) != 0)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_free char *text = malloc(size + 1);
	const char *argv[WORDS_MOST + 1];
	struct own_options own;
	size_t count;

	if (text == NULL)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	count = split(text, size, argv);
	(void)own_options_read(argv, &own, NULL);
	if (own.count < 0 || (size_t)own.count >= count)
		abort();
	check(RUNTIME_RUNC, argv, own.count + 1, text, size);
	check(RUNTIME_CRUN, argv, own.count + 1, text, size);
	return 0;
}
