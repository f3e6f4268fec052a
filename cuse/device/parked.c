/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/device/parked.h"

#include <errno.h>

#include "util/cleanup.h"

void parked_init(struct parked *parked)
{
	*parked = (struct parked){ .reads_end = &parked->reads };
}

void parked_done(struct parked *parked)
{
	struct parked_read *next;

	for (struct parked_read *read = parked->reads; read != NULL; read = next) {
		next = read->next;
		free(read);
	}
	parked_init(parked);
}

int parked_add_read(struct parked *parked, size_t len, void *request)
{
	struct parked_read *read = calloc(1, sizeof(*read));

	if (read == NULL)
		return -ENOMEM;
	read->request = request;
	read->len = len;
	*parked->reads_end = read;
	parked->reads_end = &read->next;
	return 0;
}

static enum parked_kind remove_read(struct parked *parked, const void *request)
{
	for (struct parked_read **link = &parked->reads; *link != NULL; link = &(*link)->next) {
		struct parked_read *read = *link;

		if (read->request != request)
			continue;
		*link = read->next;
		if (parked->reads_end == &read->next)
			parked->reads_end = link;
		free(read);
		return PARKED_COMMAND;
	}
	return PARKED_NOT;
}

enum parked_kind parked_remove(struct parked *parked, const void *request)
{
	if (parked->write == request) {
		parked->write = NULL;
		return PARKED_COMMAND;
	}
	if (parked->release == request) {
		parked->release = NULL;
		return PARKED_RELEASE;
	}
	return remove_read(parked, request);
}

struct parked_read *parked_take_reads(struct parked *parked)
{
	struct parked_read *reads = take_ptr(parked->reads);

	parked->reads_end = &parked->reads;
	return reads;
}
