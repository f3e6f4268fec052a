/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whether anything lives in a control group.
 */
#ifndef VTPM_UTIL_GROUP_H
#define VTPM_UTIL_GROUP_H

#include <stdbool.h>

/*
 * Whether a process is in the group whose directory is open as DIR, or in one beneath it, by
 * cgroup.events (v2) or the lists of processes (v1). A group that was removed has none; what cannot
 * be read might have some.
 */
bool group_is_populated(int dir);

#endif
