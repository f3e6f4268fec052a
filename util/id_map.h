/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * User and group numbers of a user namespace.
 */
#ifndef VTPM_UTIL_ID_MAP_H
#define VTPM_UTIL_ID_MAP_H

#include <stdint.h>

/* The host's number for ID by the text of /proc/PID/uid_map or gid_map; -ENOENT when it has none.
 * Pure. */
int id_map_find(const char *text, uint32_t id, uint32_t *ret);

#endif
