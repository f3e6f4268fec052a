/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How many vTPMs a class may give at once.
 */
#ifndef VTPM_RUNTIME_LEASE_CLASS_LIMIT_H
#define VTPM_RUNTIME_LEASE_CLASS_LIMIT_H

#include <stdbool.h>
#include <stddef.h>

struct class_claim;
struct error;
struct lease_book;

/*
 * -EUSERS when CLAIM's class has no more to give, beside the vTPMs in the book and MORE that are
 * not in it yet. LIVING: vTPMs of containers whose first process is dead do not count.
 */
int class_limit_check(struct lease_book *book, const struct class_claim *claim, size_t more,
		      bool living, struct error *err);

#endif
