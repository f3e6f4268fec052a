/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/lease/class_limit.h"

#include <errno.h>

#include "runtime/config/class.h"
#include "runtime/lease/book.h"
#include "runtime/lease/index.h"
#include "runtime/lease/lease.h"
#include "util/cleanup.h"
#include "util/error.h"

/* How many vTPMs a class has given to containers whose first process lives. */
static size_t count_living(struct lease_book *book, const char *class, const char *owner)
{
	struct lease_index *index = lease_book_index(book);
	const char *name = NULL;
	size_t count = 0;

	while ((name = lease_index_next(index, name)) != NULL) {
		size_t more = lease_index_class_count(index, name, class, owner);
		cleanup_free struct lease *lease = NULL;

		if (more > 0 && lease_book_read(book, name, &lease, NULL) == 0 &&
		    process_lives(&lease->init))
			count += more;
	}
	return count;
}

int class_limit_check(struct lease_book *book, const struct class_claim *claim, size_t more,
		      bool living, struct error *err)
{
	const char *owner = claim->per_namespace ? claim->owner : NULL;
	size_t most = (size_t)claim->max;

	if (most == 0 ||
	    more + lease_index_class_count(lease_book_index(book), NULL, claim->class, owner) <
		    most)
		return 0;
	if (living && more + count_living(book, claim->class, owner) < most)
		return 0;
	return error_say(err, EUSERS, "class %s: its max of %zu vTPMs are running%s%s",
			 claim->class, most, owner != NULL ? " for " : "",
			 owner != NULL ? owner : "");
}
