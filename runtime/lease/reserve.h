/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The lease of a container that is being created: its names, numbers and states are its own from
 * then on.
 */
#ifndef VTPM_RUNTIME_LEASE_RESERVE_H
#define VTPM_RUNTIME_LEASE_RESERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct container;
struct error;
struct hook;
struct lease;
struct lease_dir;
struct oci_state;
struct vtpm_entry;

/*
 * Checks what cannot be told from the configuration alone, and writes the lease. LENIENT: an entry
 * that fails is left out of *RET and of ENTRIES, whose new number is *COUNT.
 */
int reserve(const struct hook *hook, const struct oci_state *state,
	    const struct container *container, struct vtpm_entry *entries, size_t *count,
	    bool lenient, struct lease **ret, struct error *err);

/*
 * The major number for those that were given none: the first of the range for local use that is
 * ours or nobody's, by the text of /proc/devices. -ENOSPC when there is none. Pure but for the
 * leases.
 */
int reserve_major(const struct lease_dir *dir, const char *devices, uint32_t *ret);

#endif
