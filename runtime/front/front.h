/* SPDX-License-Identifier: BSD-3-Clause */
/* A call of the runtime, and the work before the real runtime gets it. */
#ifndef VTPM_RUNTIME_FRONT_FRONT_H
#define VTPM_RUNTIME_FRONT_FRONT_H

#include <jansson.h>
#include <limits.h>

#include "runtime/config/admin.h"
#include "runtime/front/arguments.h"
#include "runtime/give/asking.h"
#include "runtime/host/runtime_root.h"

struct error;
struct lease;

struct front {
	enum runtime_kind kind;
	struct own_options own;
	struct runtime_arguments arguments;
	char **argv;
	const char *config, *class_dir, *run_dir; /* absolute paths */
	struct admin_config admin;
	char target[PATH_MAX]; /* the real runtime */
};

/* The root that the real runtime works with. */
int front_root(const struct front *front, struct runtime_root *ret, struct error *err);

/* What the container of the configuration JSON asks for; *RET is borrowed from it. */
int front_asking(const struct front *front, json_t *json, const struct runtime_root *root,
		 struct asking *ret, struct error *err);

/*
 * Reserves numbers for the vTPMs that the configuration TEXT asks for, in an open lease with NONCE.
 * The caller frees *RET.
 */
int front_lease(const struct front *front, const struct runtime_root *root,
		const struct asking *asking, const char *text, const char *nonce,
		struct lease **ret, struct error *err);

/*
 * Leases numbers for a container that asks for vTPMs, and enters our hook and the rules for the
 * devices into its bundle.
 */
int front_create(struct front *front, struct error *err);

/* Refuses a container that asks for vTPMs or has had some: restored, it would be without them. */
int front_restore(struct front *front, struct error *err);

/* Keeps the devices of a container's vTPMs in the list of devices that an update gives crun. */
int front_update(struct front *front, struct error *err);

#endif
