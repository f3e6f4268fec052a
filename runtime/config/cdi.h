/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The Container Device Interface: a file by which engines offer each class as a device,
 * --device vtpm-cuse.org/vtpm=CLASS.
 */
#ifndef VTPM_RUNTIME_CONFIG_CDI_H
#define VTPM_RUNTIME_CONFIG_CDI_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct error;

#define CDI_KIND "vtpm-cuse.org/vtpm"
#define CDI_FILE "vtpm-cuse.org-vtpm.json"

/* Whether a device can be called as the class is; one that cannot voids the whole file. Pure. */
bool cdi_can_name(const char *class);

/* Whether TEXT is a file of CDI that has the device NAME of CDI_KIND. Pure. */
bool cdi_has_device(const char *text, size_t len, const char *name);

/*
 * The file for COUNT classes, each of which cdi_can_name(); COUNT is not 0. PROGRAM is the hook and
 * ARGS (an array of strings, or NULL) is said to it first. The caller frees *RET. Pure.
 */
int cdi_format(const char *const *classes, size_t count, const char *program, json_t *args,
	       char **ret, struct error *err);

#endif
