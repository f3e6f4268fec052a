/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The settings with which a vTPM's server was started, read again from the container's
 * configuration, or from the class.
 */
#ifndef VTPM_RUNTIME_LIFE_TOLD_H
#define VTPM_RUNTIME_LIFE_TOLD_H

#include <stddef.h>

#include "runtime/config/admin.h"
#include "runtime/config/class.h"
#include "runtime/config/container.h"
#include "runtime/config/entry.h"

struct error;
struct hook;
struct lease;
struct lease_vtpm;

/* All that the strings of the entries belong to. */
struct told {
	struct admin_config admin;
	struct container container;
	struct vtpm_entry *own; /* of the container's configuration */
	size_t own_count;
	struct told_class {
		struct vtpm_class class;
		json_t *entry;
	} * classes; /* one for each vTPM of the lease; all 0: it is of none */
	size_t count;
};

/* Reads what there is for LEASE. The caller calls told_done(), whatever is returned. */
int told_read(const struct hook *hook, const struct lease *lease, struct told *ret,
	      struct error *err);
void told_done(struct told *told);

/*
 * The entry of the I-th vTPM of LEASE. -ENOENT when it is not there any more. A class need not
 * admit the container again. ENTRY belongs to TOLD.
 */
int told_entry(const struct hook *hook, const struct lease *lease, size_t i, struct told *told,
	       struct vtpm_entry *ret, struct error *err);

#endif
