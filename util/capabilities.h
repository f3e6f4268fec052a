/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Giving capabilities up.
 */
#ifndef VTPM_UTIL_CAPABILITIES_H
#define VTPM_UTIL_CAPABILITIES_H

#include <stdbool.h>
#include <stdint.h>

struct error;

/*
 * Keeps, of the capabilities that the calling thread has, those in the mask KEPT. FOR_GOOD:
 * programs that are started get no others either.
 */
int capabilities_limit(uint64_t kept, bool for_good, struct error *err);

/* Only what FOR_GOOD does; while there is a capability for that, as before another user is one. */
int capabilities_bound(uint64_t kept, struct error *err);

#endif
