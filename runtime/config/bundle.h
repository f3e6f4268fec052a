/* SPDX-License-Identifier: BSD-3-Clause */
/* Changes a bundle's config.json as text. */
#ifndef VTPM_RUNTIME_CONFIG_BUNDLE_H
#define VTPM_RUNTIME_CONFIG_BUNDLE_H

struct error;

/* *RET gets the new text, allocated, or NULL to leave the file unchanged. */
typedef int bundle_changer(const char *text, void *context, char **ret, struct error *err);

/*
 * Changes BUNDLE/config.json, or the file that it links to: a new file with the same mode, owner
 * and security label replaces the old one, whole or not at all.
 */
int bundle_change(const char *bundle, bundle_changer *changer, void *context, struct error *err);

#endif
