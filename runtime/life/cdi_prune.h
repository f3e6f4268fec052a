/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Files of CDI for vTPMs of the host that have ended, and nobody has removed them.
 */
#ifndef VTPM_RUNTIME_LIFE_CDI_PRUNE_H
#define VTPM_RUNTIME_LIFE_CDI_PRUNE_H

#include <stddef.h>

/*
 * Removes from DIR the files of those that are not in CLASS, the directory of CUSE's devices in
 * sysfs. Returns how many; what cannot be removed is logged.
 */
size_t cdi_files_prune(const char *dir, const char *class);

#endif
