/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is entered into a bundle's config.json before the runtime reads it: our hooks, the rules for
 * the devices, and an annotation that tells these from what others wrote. Nothing that
 * runtime-spec does not have: other programs in front of the runtime may know only that.
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
	json_t *words;                       /* ... and what is said to it, an array */
	const char *nonce;                   /* of the lease; NULL: nothing is entered */
	const struct device_number *numbers; /* of the devices that are allowed */
	size_t count;
};

/*
 * *RET gets the object TEXT with EDIT entered. What an earlier call entered is taken out: its hooks
 * would do the work twice, and a rule that stayed would open somebody else's device. Which rules
 * these are is in the annotation, which counts only when the hook that was entered with it is
 * there: users can write one. The caller frees *RET. Pure.
 */
int edit_text(const char *text, const struct edit *edit, char **ret, struct error *err);

/* Whether the configuration JSON has hooks of PROGRAM that an earlier call entered. Pure. */
bool edit_is_entered(json_t *json, const char *program);

/*
 * *RET gets the object TEXT, resources as linux.resources has them, with a rule for each of COUNT
 * devices behind its own; without a list of rules it stays as it is: ours alone would forbid all
 * others. The caller frees *RET. Pure.
 */
int edit_resources(const char *text, const struct device_number *numbers, size_t count, char **ret,
		   struct error *err);

#endif
