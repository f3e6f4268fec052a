/* SPDX-License-Identifier: BSD-3-Clause */
/* The classes that a container asks for: those given to its hook, and those in its annotations. */
#ifndef VTPM_RUNTIME_GIVE_ASKING_H
#define VTPM_RUNTIME_GIVE_ASKING_H

#include <jansson.h>
#include <stdbool.h>

#include "runtime/config/annotations.h"
#include "runtime/config/request.h"
#include "runtime/give/offer.h"

struct admin_config;
struct container;
struct error;
struct runtime_root;

struct asking {
	struct class_requests requests; /* none for a sandbox */
	struct identity identity;
	const char *state_name; /* NULL: none is chosen */
};

/*
 * ANNOTATIONS are borrowed, and *RET borrows from them. BY_ANNOTATION: annotations may choose
 * classes. ROOT is the runtime's.
 */
int asking_read(const struct class_requests *told, json_t *annotations, bool by_annotation,
		const struct admin_config *admin, const char *root, struct asking *ret,
		struct error *err);

/* Describes the CONTAINER of that ID and BUNDLE to the offers; borrows everything. */
struct offer_asker asking_asker(const struct asking *asking, const struct container *container,
				const struct runtime_root *root, const char *id,
				const char *bundle);

#endif
