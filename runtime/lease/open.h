/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An open lease: the numbers of a container's devices, which vtpm-runtime reserves before it
 * becomes the real runtime, which then makes the container. The hooks that this runtime calls take
 * them over. The worker on the lease is the runtime's process. A container has at most one, beside
 * its other leases, which are independent of it.
 */
#ifndef VTPM_RUNTIME_LEASE_OPEN_H
#define VTPM_RUNTIME_LEASE_OPEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct error;
struct lease;
struct lease_book;
struct vtpm_entry;

struct open_request {
	const char *run_dir;
	const char *hash, *id, *bundle;
	const char *nonce; /* that tells this call from all others */
	int64_t major;     /* the administrator's; 0: the first free one */
	bool lenient;      /* the hook leaves out what cannot be had */
};

/*
 * Takes numbers for ENTRIES; one that cannot have any now is left out, and left to the hook. What
 * an earlier call took for the container, which came to nothing, is given back. -ELOOP when this
 * process has done so before, -EBUSY when another one is at it, -EUSERS when a class has no more,
 * unless that is LENIENT. The caller frees *RET.
 */
int open_lease_take(const struct open_request *request, const struct vtpm_entry *entries,
		    size_t count, struct lease **ret, struct error *err);

/* Gives it back before there is a container. */
void open_lease_cancel(const char *run_dir, const struct lease *open);

/*
 * -EINVAL when the container has no lease with NONCE: the configuration that its runtime has read,
 * and the numbers in it, are another container's, or of an earlier call.
 */
int open_lease_check(const char *run_dir, const char *hash, const char *id, const char *nonce,
		     struct error *err);

/* *RET gets the container's, NULL when it has none. The caller frees it. */
int open_lease_read(struct lease_book *book, const char *hash, const char *id, struct lease **ret,
		    struct error *err);

/* Takes out of OPEN, in the book as well, the numbers that LEASE has now. OPEN may be NULL. */
int open_lease_give(struct lease_book *book, struct lease *open, const struct lease *lease,
		    struct error *err);

/*
 * The hook that NONCE was entered for is done: the lease goes. Numbers that nobody has taken over
 * stay the container's while its first process INIT lives, as it may use them; 0: there is none.
 */
void open_lease_end(const char *run_dir, const char *hash, const char *id, const char *nonce,
		    pid_t init);

#endif
