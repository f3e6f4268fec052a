/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The config.json of a bundle as a text that is changed.
 */
#ifndef VTPM_RUNTIME_CONFIG_BUNDLE_H
#define VTPM_RUNTIME_CONFIG_BUNDLE_H

struct error;

/* *RET gets what TEXT becomes, allocated; NULL: it stays. */
typedef int bundle_changer(const char *text, void *context, char **ret, struct error *err);

/*
 * Changes BUNDLE/config.json, or what that links to: a new file of the same mode, owner and
 * security label takes the place of the old one, whole or not at all.
 */
int bundle_change(const char *bundle, bundle_changer *changer, void *context, struct error *err);

#endif
