/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the parts of a creation share: create.c gives a container its vTPMs, create_asked.c finds
 * out which, and the others measure it.
 */
#ifndef VTPM_RUNTIME_GIVE_CREATE_IMPL_H
#define VTPM_RUNTIME_GIVE_CREATE_IMPL_H

#include <stddef.h>

#include "runtime/config/admin.h"
#include "runtime/config/container.h"
#include "runtime/give/asking.h"
#include "runtime/give/create.h"
#include "runtime/host/cgroup.h"
#include "runtime/host/running.h"
#include "runtime/lease/holding.h"
#include "runtime/life/keep.h"
#include "util/error.h"
#include "util/sha256.h"

/* A digest of the root file system, where one is wanted. */
struct measured_root {
	uint8_t digest[SHA256_SIZE];
	int result;
	struct error err;
};

/* A container that is being created. */
struct creation {
	const struct hook *hook;
	const struct oci_state *state;
	struct admin_config admin;
	struct container container;
	struct asking asking;
	struct holding holding; /* what it has already */
	struct offers *offers;
	struct keeping keeping;
	struct vtpm_entry *entries; /* count of them, as the lease has */
	size_t count;
	struct lease *lease;
	struct cgroup_view view; /* of its first process */
	const struct running
		*running; /* the facts about a running container; NULL: it is being created */
	struct measured_root measured_root;
};

void creation_done(struct creation *creation);

/* Gives the container what creation_read() has found. Undoes all of it on failure. */
int creation_give(struct creation *creation, struct error *err);

/* Reads what the container asks for; returns 1 when it asks for anything. */
int creation_read(struct creation *creation, struct error *err);

/* Leaves out what the container already has, from an earlier hook or by another way in. */
int creation_leave_out_held(struct creation *creation, struct error *err);

/* Reads the whole root file system where an entry wants that; this may take long. */
void creation_measure_root(struct creation *creation);

/* Adds to LIST what is measured of the root file system. */
struct cel_list;
struct entry_measure;
int creation_add_files(const struct creation *creation, const struct entry_measure *measure,
		       struct cel_list *list, struct error *err);

/* Gives LAUNCH the events that describe the container, where they are wanted, or a failure. */
struct launch;
void creation_measure(const struct creation *creation, struct launch *launch);

/* Turns the requests for classes into entries. */
int creation_add_offers(struct creation *creation, struct error *err);

#endif
