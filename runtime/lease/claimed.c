/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/lease/claimed.h"

#include <errno.h>
#include <stdlib.h>

#include "runtime/lease/book.h"
#include "runtime/lease/index.h"
#include "runtime/lease/lease.h"
#include "util/cleanup.h"
#include "util/error.h"

void claimed_done(struct claimed *claimed)
{
	for (size_t i = 0; i < claimed->count; i++)
		free(claimed->leases[i]);
	free(claimed->leases);
}

static int claim_if(struct lease_book *book, const char *name, lease_test *test, void *context,
		    struct claimed *claimed, struct error *err)
{
	cleanup_free struct lease *lease = NULL;
	struct lease **more;
	int r;

	if (lease_book_read(book, name, &lease, NULL) < 0 || !test(lease, context))
		return 0;
	more = reallocarray(claimed->leases, claimed->count + 1, sizeof(struct lease *));
	if (more == NULL)
		return error_set(err, ENOMEM, "work on the vTPMs of %s", lease->id);
	claimed->leases = more;
	r = lease_book_claim(book, lease, err);
	if (r == 0)
		claimed->leases[claimed->count++] = take_ptr(lease);
	return r;
}

/* What could not be claimed stays for the next time. */
int claim_all(const char *run_dir, lease_test *test, void *context, struct claimed *ret,
	      struct error *err)
{
	cleanup_with(lease_index_freep) struct lease_index *all = NULL;
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	const char *name = NULL;
	int r, result = 0;

	*ret = (struct claimed){ 0 };
	r = lease_book_open(run_dir, &book, err);
	if (r == 0)
		r = lease_book_names(book, &all, err);
	if (r < 0)
		return r;
	while ((name = lease_index_next(all, name)) != NULL) {
		r = claim_if(book, name, test, context, ret, err);
		if (r < 0)
			result = r;
	}
	return result;
}
