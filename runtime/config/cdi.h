/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The Container Device Interface: a file that lets engines offer each class as a device, --device
 * vtpm-cuse.org/vtpm=CLASS.
 */
#ifndef VTPM_RUNTIME_CONFIG_CDI_H
#define VTPM_RUNTIME_CONFIG_CDI_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct error;

#define CDI_KIND "vtpm-cuse.org/vtpm"
#define CDI_FILE "vtpm-cuse.org-vtpm.json"

/*
 * Whether CDI accepts CLASS as a device's name; one bad name makes engines reject the file. Pure.
 */
bool cdi_can_name(const char *class);

/* Whether TEXT is a CDI file with the device NAME of CDI_KIND. Pure. */
bool cdi_has_device(const char *text, size_t len, const char *name);

/*
 * Formats the file for COUNT classes, at least one, each accepted by cdi_can_name(). PROGRAM is the
 * hook; ARGS (an array of strings, or NULL) are its first arguments. The caller frees *RET. Pure.
 */
int cdi_format(const char *const *classes, size_t count, const char *program, json_t *args,
	       char **ret, struct error *err);

#endif
