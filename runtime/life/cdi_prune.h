/* SPDX-License-Identifier: BSD-3-Clause */
/* Removes CDI files that vTPMs of the host have left when they ended. */
#ifndef VTPM_RUNTIME_LIFE_CDI_PRUNE_H
#define VTPM_RUNTIME_LIFE_CDI_PRUNE_H

struct error;

/*
 * Removes from DIR the files of those that are not in CLASS, the directory of CUSE's devices in
 * sysfs. One that cannot be removed is logged and does not stop the others, and *ERR is the last
 * reason.
 */
int cdi_files_prune(const char *dir, const char *class, struct error *err);

#endif
