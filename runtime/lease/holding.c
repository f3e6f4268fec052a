/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/lease/holding.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/config/request.h"
#include "runtime/lease/book.h"
#include "runtime/lease/index.h"
#include "runtime/lease/lease.h"
#include "util/cleanup.h"
#include "util/error.h"

static int add(struct lease_book *book, const char *name, struct holding *to, struct error *err)
{
	struct lease **more = reallocarray(to->leases, to->count + 1, sizeof(struct lease *));
	int r;

	if (more == NULL)
		return error_set(err, ENOMEM, "read lease %s", name);
	to->leases = more;
	r = lease_book_read(book, name, &to->leases[to->count], err);
	if (r == 0)
		to->count++;
	return r == -ENOENT ? 0 : r;
}

/* It has numbers, but no vTPMs. */
static bool is_open(const char *name)
{
	const char *part = strrchr(name, '@');

	return part != NULL && strcmp(part + 1, LEASE_OPEN) == 0;
}

int holding_read(const char *run_dir, const char *hash, const char *id, struct holding *ret,
		 struct error *err)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	const char *name = NULL;
	int r = lease_book_open(run_dir, &book, err);

	*ret = (struct holding){ 0 };
	if (r < 0)
		return r;
	while (r == 0 && (name = lease_index_next(lease_book_index(book), name)) != NULL) {
		if (lease_name_is_of(name, hash, id) && !is_open(name))
			r = add(book, name, ret, err);
	}
	return r;
}

void holding_done(struct holding *holding)
{
	for (size_t i = 0; i < holding->count; i++)
		free(holding->leases[i]);
	free(holding->leases);
	*holding = (struct holding){ 0 };
}

/* The next vTPM of all leases; *LEASE and *I begin with 0. */
static const struct lease_vtpm *next(const struct holding *holding, size_t *lease, size_t *i)
{
	for (; *lease < holding->count; (*lease)++, *i = 0) {
		while (*i < holding->leases[*lease]->count) {
			const struct lease_vtpm *vtpm = &holding->leases[*lease]->vtpms[(*i)++];

			if (!vtpm->detached)
				return vtpm;
		}
	}
	return NULL;
}

bool holding_has_path(const struct holding *holding, const char *path)
{
	const struct lease_vtpm *vtpm;
	size_t lease = 0, i = 0;

	while ((vtpm = next(holding, &lease, &i)) != NULL) {
		for (size_t j = 0; j < vtpm->node_count; j++) {
			if (strcmp(vtpm->nodes[j].path, path) == 0)
				return true;
		}
	}
	return false;
}

static bool has(const struct holding *holding, const struct class_request *request)
{
	const struct lease_vtpm *vtpm;
	size_t lease = 0, i = 0;

	while ((vtpm = next(holding, &lease, &i)) != NULL) {
		if (strcmp(vtpm->claim.class, request->class) == 0 &&
		    strcmp(vtpm->claim.device, request->device) == 0)
			return true;
	}
	return false;
}

void holding_drop(const struct holding *holding, struct class_requests *requests)
{
	size_t left = 0;

	for (size_t i = 0; i < requests->count; i++) {
		if (!has(holding, &requests->list[i]))
			requests->list[left++] = requests->list[i];
	}
	requests->count = left;
}
