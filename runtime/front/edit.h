/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Edits a bundle's config.json before the runtime reads it: enters our hooks, the rules for the
 * devices, and an annotation that tells these from what others wrote. Uses only what runtime-spec
 * defines: other programs in front of the runtime may know nothing else.
 */
#ifndef VTPM_RUNTIME_FRONT_EDIT_H
#define VTPM_RUNTIME_FRONT_EDIT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "runtime/config/annotations.h"
#include "runtime/host/device_number.h"

struct error;

struct edit {
	const char *program;                 /* the hook ... */
	json_t *words;                       /* ... and its arguments, an array */
	const char *nonce;                   /* of the lease; NULL: nothing is entered */
	const struct device_number *numbers; /* of the devices that are allowed */
	size_t count;
};

/*
 * *RET gets the object TEXT with EDIT entered. Removes what an earlier call entered: its hooks
 * would do the work twice, and its rules would open a device that may now be another container's.
 * The annotation lists those rules; as users can write annotations, it counts only if the hook that
 * was entered with it is there. The caller frees *RET. Pure.
 */
int edit_text(const char *text, const struct edit *edit, char **ret, struct error *err);

/* Whether the configuration JSON has hooks of PROGRAM that an earlier call entered. Pure. */
bool edit_is_entered(json_t *json, const char *program);

/*
 * *RET gets the object TEXT, in the form of linux.resources, with a rule for each of COUNT devices
 * after its own. TEXT without a list of rules stays as it is: a list of ours alone would forbid all
 * other devices. The caller frees *RET. Pure.
 */
int edit_resources(const char *text, const struct device_number *numbers, size_t count, char **ret,
		   struct error *err);

#endif
