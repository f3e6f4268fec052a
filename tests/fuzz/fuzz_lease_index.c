/* SPDX-License-Identifier: BSD-3-Clause */
/* Words that are taken for an index name their owners, and lose a lease as a whole. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/lease/index.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t count_leases(const struct lease_index *index)
{
	size_t count = 0;

	for (const char *name = lease_index_next(index, NULL); name != NULL;
	     name = lease_index_next(index, name))
		count++;
	return count;
}

static void check_words(const struct lease_index *index)
{
	size_t len;
	const char *words = lease_index_words(index, &len);

	for (size_t i = 0; i < len; i += strlen(words + i) + 1) {
		if (words[i] == 'n' && lease_index_name_owner(index, words + i + 1) == NULL)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_with(lease_index_freep) struct lease_index *index = NULL;
	cleanup_free char *first = NULL;
	size_t count;

	if (lease_index_parse((const char *)data, size, &index) < 0)
		return 0;
	check_words(index);
	count = count_leases(index);
	if (count == 0)
		return 0;
	first = strdup(lease_index_next(index, NULL));
	if (first == NULL || !lease_index_has(index, first))
		abort();
	lease_index_remove(index, first);
	if (count_leases(index) != count - 1)
		abort();
	return 0;
}
