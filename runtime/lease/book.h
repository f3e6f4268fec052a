/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The book of leases: those of all containers of this host, in RUNSTATEDIR/vtpm-cuse/leases, and
 * who owns what. One lease is one file; an index of what they hold lies beside them, and is made
 * anew when anybody has changed the files without it.
 */
#ifndef VTPM_RUNTIME_LEASE_BOOK_H
#define VTPM_RUNTIME_LEASE_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/cleanup.h"

struct error;
struct lease;
struct lease_book;
struct lease_index;

/*
 * Opens the book of RUN_DIR, making it, and waits for its lock: nobody else reads or writes until
 * it is closed. A file that is no lease, whatever it is, is moved aside to NAME.bad, and logged: it
 * must not stop every container from then on.
 */
int lease_book_open(const char *run_dir, struct lease_book **ret, struct error *err);
void lease_book_close(struct lease_book *book);
DEFINE_CLEANUP(struct lease_book, lease_book_close);

/* What the leases hold, and their names; it belongs to the book. */
struct lease_index *lease_book_index(const struct lease_book *book);

/*
 * A copy of the index, for a caller that writes leases while it goes through the names. The caller
 * frees *RET.
 */
int lease_book_names(const struct lease_book *book, struct lease_index **ret, struct error *err);

/* Reads the lease of that name. -ENOENT when there is none. The caller frees *RET. */
int lease_book_read(struct lease_book *book, const char *name, struct lease **ret,
		    struct error *err);

/*
 * Goes through the leases of the container ID (NULL: of all) of the runtime with HASH (NULL: of
 * any). *NAME and *RET begin with NULL; *RET is freed at the next call and left to the caller
 * otherwise. A lease that cannot be read is passed over. False: there are no more, and *RET is
 * NULL.
 */
bool lease_book_next(struct lease_book *book, const char *hash, const char *id, const char **name,
		     struct lease **ret);

/* Writes LEASE, replacing the container's earlier one. -EFBIG when it could not be read again. */
int lease_book_put(struct lease_book *book, const struct lease *lease, struct error *err);

/* Makes this process the worker on LEASE, in it and in the book. */
int lease_book_claim(struct lease_book *book, struct lease *lease, struct error *err);

/* Removes the container's lease; a missing one is what was wanted. */
int lease_book_remove(struct lease_book *book, const struct lease *lease, struct error *err);

/* As next_minor(), of the numbers that no lease has and no device of this host. */
int lease_book_next_minor(struct lease_book *book, uint32_t major, uint32_t *ret,
			  struct error *err);

#endif
