/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Leases that this process works on, several at once.
 */
#ifndef VTPM_RUNTIME_LEASE_CLAIMED_H
#define VTPM_RUNTIME_LEASE_CLAIMED_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct lease;

struct claimed {
	size_t count;
	struct lease **leases;
};

typedef bool lease_test(const struct lease *lease, void *context);

/*
 * Claims the leases of RUN_DIR that pass TEST, which is called for all of them. One that cannot be
 * claimed does not stop the others: the result is then its errno, and *RET has the others. The
 * caller calls claimed_done() in any case.
 */
int claim_all(const char *run_dir, lease_test *test, void *context, struct claimed *ret,
	      struct error *err);
void claimed_done(struct claimed *claimed);
#define cleanup_claimed __attribute__((cleanup(claimed_done)))

#endif
