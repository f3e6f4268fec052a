/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A major number for devices that were given none.
 */
#ifndef VTPM_UTIL_FREE_MAJOR_H
#define VTPM_UTIL_FREE_MAJOR_H

#include <stdbool.h>
#include <stdint.h>

/* Whether a major number that is taken is shared with us. */
typedef bool major_is_ours(uint32_t major, const void *context);

/*
 * The first of the range for local use that is nobody's, by the text of /proc/devices, or OURS().
 * -ENOSPC when there is none. Pure but for OURS().
 */
int free_major(const char *devices, major_is_ours *ours, const void *context, uint32_t *ret);

#endif
