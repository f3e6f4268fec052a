/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The Container Device Interface, as far as several programs have to do with it: a vTPM of the host
 * that runs is a device of engines, --device vtpm-cuse.org/host=NAME, by a file of its own.
 */
#ifndef VTPM_UTIL_CDI_HOST_H
#define VTPM_UTIL_CDI_HOST_H

#include <limits.h>
#include <stdbool.h>

/* The first version with all that we use; engines refuse newer ones than they know. */
#define CDI_VERSION "0.5.0"

/* Where engines look for what is gone after a boot. */
#define CDI_RUN_DIR "/run/cdi"

/* Another kind than that of classes: a name that is there twice removes both. */
#define CDI_HOST_KIND "vtpm-cuse.org/host"

/* Whether a device can be called so; one that cannot voids the whole file. Pure. */
bool cdi_name_is_valid(const char *name);

/* What the file of vTPM NAME is called, in CDI_RUN_DIR; -ENAMETOOLONG. Pure. */
int cdi_host_file(const char *name, char file[static NAME_MAX + 1]);

/* The other way round; false: it is no such file's name. Pure. */
bool cdi_host_name(const char *file, char name[static NAME_MAX + 1]);

/* Removes the file of vTPM NAME; -ENOENT when there is none. */
int cdi_host_remove(const char *name);

#endif
