/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/give/create_impl.h"

#include <errno.h>
#include <string.h>

#include "runtime/config/entry.h"
#include "runtime/config/hide_passwords.h"
#include "runtime/config/oci_state.h"
#include "runtime/give/hand_in.h"
#include "runtime/give/offer.h"
#include "runtime/lease/book.h"
#include "runtime/lease/lease.h"
#include "runtime/lease/open.h"
#include "runtime/lease/reserve.h"
#include "runtime/life/hook.h"
#include "runtime/life/keep.h"
#include "runtime/life/teardown.h"
#include "runtime/life/undo.h"
#include "runtime/life/watch.h"
#include "runtime/rule/rule.h"
#include "runtime/server/start.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/log.h"

void creation_done(struct creation *creation)
{
	cgroup_view_done(&creation->view);
	keeping_end(&creation->keeping, &creation->hook->programs);
	free(creation->lease);
	free(creation->entries);
	offers_free(creation->offers);
	holding_done(&creation->holding);
	container_done(&creation->container);
	admin_config_done(&creation->admin);
}

/* --- what it gets --- */

/*
 * A container that is gone may still hold what this one asks for: on failure, prunes and tries
 * again.
 */
static int reserve_or_prune(struct creation *creation, struct error *err)
{
	struct reserve_request request = { .run_dir = creation->hook->programs.run_dir,
					   .admin = &creation->admin,
					   .root = &creation->hook->root,
					   .state = creation->state,
					   .container = &creation->container,
					   .nonce = creation->hook->nonce,
					   .more = creation->running != NULL ||
						   creation->holding.count > 0,
					   .attached = creation->running != NULL };
	bool lenient = creation->admin.ignore_errors;
	size_t pruned = 0, ended = 0;
	int r;

	r = reserve(&request, creation->entries, &creation->count, false, &creation->lease, err);
	if (r == 0 || (!lenient && r != -EBUSY && r != -EUSERS))
		return r;
	(void)containers_prune(&creation->hook->programs, &pruned, NULL);
	(void)containers_end_dead(&creation->hook->programs, &ended, NULL);
	if (!lenient && pruned + ended == 0 && r != -EUSERS)
		return r;
	request.swept = true;
	return reserve(&request, creation->entries, &creation->count, lenient, &creation->lease,
		       err);
}

static void note_groups(struct creation *creation)
{
	struct lease *lease = creation->lease;
	struct cgroup_path group;

	if (cgroup_view_read(creation->state->pid, &creation->view) < 0)
		return;
	cgroup_freezer(&creation->view, lease->freezer);
	if (cgroup_view_find(&creation->view, CGROUP_UNIFIED, &group) == 0) {
		(void)strcpy(lease->device_group, group.path);
		(void)strcpy(lease->device_mount, group.mount);
	}
	for (size_t i = 0; i < lease->count; i++) {
		struct lease_vtpm *vtpm = &lease->vtpms[i];

		if (lease_vtpm_is_ours(vtpm))
			cgroup_name(&creation->view, vtpm->nodes[0].name, vtpm->cgroup);
	}
}

/* Undoes the I-th vTPM, and goes on without it. False: it could not be undone. */
static bool leave_out(struct creation *creation, size_t i, const struct error *why)
{
	struct lease *lease = creation->lease;
	cleanup_free struct lease *one = NULL;

	if (lease_copy_one(lease, i, &one) < 0 ||
	    vtpms_undo(&creation->hook->programs, one, NULL) < 0)
		return false;
	log_warn("container %s: left out: %s", lease->id, why->text);
	for (; i + 1 < creation->count; i++) {
		lease->vtpms[i] = lease->vtpms[i + 1];
		creation->entries[i] = creation->entries[i + 1];
	}
	lease->count = --creation->count;
	return true;
}

static int put_lease(const struct creation *creation, struct error *err)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	int r = lease_book_open(creation->hook->programs.run_dir, &book, err);

	return r < 0 ? r : lease_book_put(book, creation->lease, err);
}

/* --- servers --- */

/* From the last to the first, so that removals leave the earlier indices unchanged. */
static int judge(struct creation *creation, const struct launch *launches, struct error *err)
{
	int result = 0;

	for (size_t i = creation->count; i-- > 0;) {
		struct error why = launches[i].err;

		if (launches[i].result == 0)
			continue;
		(void)error_prefix(&why, launches[i].result, "vTPM %s",
				   creation->entries[i].paths[0]);
		if (creation->admin.ignore_errors && leave_out(creation, i, &why))
			continue;
		result = error_say(err, -launches[i].result, "%s", why.text);
	}
	return result;
}

static int start_servers(struct creation *creation, struct error *err)
{
	cleanup_free struct launch *launches = calloc(creation->count + 1, sizeof(*launches));
	cleanup_close int init_fd = process_open(&creation->lease->init);
	cleanup_close int runtime_fd = process_open(&creation->hook->root.runtime);
	const struct server_owner owner = { creation->lease, init_fd, runtime_fd };
	size_t count = creation->count;
	int r;

	if (launches == NULL)
		return error_set(err, ENOMEM, "start the servers");
	creation_measure_root(creation);
	for (size_t i = 0; i < count; i++) {
		launch_init(&launches[i], &creation->entries[i], &creation->lease->vtpms[i], &owner,
			    &creation->hook->programs);
		launch_make_state(&launches[i]);
		creation_measure(creation, &launches[i]);
	}
	r = put_lease(creation, err);
	if (r == 0) {
		servers_start(launches, count);
		r = judge(creation, launches, err);
	}
	for (size_t i = 0; i < count; i++)
		launch_done(&launches[i]);
	return r;
}

/* --- nodes --- */

/* Makes all nodes, except those of vTPMs that may be left out because their names are taken. */
static int hand_in_nodes(struct creation *creation, struct error *err)
{
	const struct hand_in_request request = {
		.run_dir = creation->hook->programs.run_dir,
		.user_namespace = creation->container.user_namespace,
		.entries = creation->entries,
	};

	for (;;) {
		size_t taken;
		struct error why;
		int r = hand_in(&request, creation->lease, &taken, &why);

		if (r == 0)
			return 0;
		if (taken == creation->count || !creation->admin.ignore_errors ||
		    !leave_out(creation, taken, &why))
			return error_say(err, -r, "%s", why.text);
	}
}

/* --- commit --- */

/*
 * Makes the rules under the lock of the leases, as two hooks must not rewrite the same program of a
 * common parent group. The lease has no worker afterwards.
 */
static int commit(const struct creation *creation, struct error *err)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	struct lease *lease = creation->lease;
	/* When a vTPM is attached, no runtime waits. */
	struct process waited_for = lease->attached ? (struct process){ 0 } : lease->init;
	cleanup_free struct device_number *numbers =
		calloc(lease->count + 1, VTPM_NODES_MOST * sizeof(*numbers));
	struct error why;
	int r;

	if (numbers == NULL)
		return error_set(err, ENOMEM, "allow the devices");
	r = lease_book_open(creation->hook->programs.run_dir, &book, err);
	/* Checked under the lock: a container that ends later finds, at its cleanup, this lease. */
	if (r == 0 && lease->attached && !process_lives(&lease->init))
		r = error_say(err, ESRCH, "container %s has ended", lease->id);
	if (r == 0)
		r = device_rules_allow(&creation->view, lease->id, numbers,
				       lease_numbers(lease, numbers), err);
	if (r < 0)
		return r;
	lease->worker = (struct process){ 0 };
	r = lease_book_put(book, lease, err);
	if (r == 0 && watch_is_needed(lease) &&
	    watch_start(creation->hook->programs.run_dir, &waited_for, &why) < 0)
		log_warn("container %s: an update is not followed: %s", lease->id, why.text);
	return r;
}

/* All steps after the lease is written; on any failure the lease tells what to undo. */
static int carry_out(struct creation *creation, struct error *err)
{
	int r;

	note_groups(creation);
	r = start_servers(creation, err);
	if (r == 0) {
		keep_identities(&creation->hook->programs, creation->entries, creation->count);
		r = hand_in_nodes(creation, err);
	}
	if (r == 0)
		return commit(creation, err);
	/* No node is left, so undoing need not enter the container, which might never answer. */
	if (creation->running != NULL)
		creation->lease->init = (struct process){ 0 };
	return r;
}

int creation_give(struct creation *creation, struct error *err)
{
	const struct server_programs *programs = &creation->hook->programs;
	struct error why;
	int r;

	r = keep_states(programs, creation->state->id, creation->entries, creation->count,
			&creation->keeping, err);
	if (r == 0)
		r = reserve_or_prune(creation, err);
	if (r < 0)
		return r;
	/* The process's number may belong to another process by now. */
	if (creation->running != NULL)
		creation->lease->init = creation->running->init;
	r = carry_out(creation, err);
	if (r < 0 && container_undo(programs, creation->lease, &why) < 0)
		log_err("container %s: cannot undo everything: %s", creation->state->id, why.text);
	return r;
}

static int check_nonce(const struct hook *hook, const struct oci_state *state, struct error *err)
{
	return hook->nonce == NULL ? 0
				   : open_lease_check(hook->programs.run_dir, hook->root.hash,
						      state->id, hook->nonce, err);
}

static int give(struct creation *creation, struct error *err)
{
	const struct hook *hook = creation->hook;
	struct error why;
	int r;

	r = creation_read(creation, err);
	if (r <= 0)
		return r;
	r = check_nonce(hook, creation->state, err);
	if (r < 0)
		return r;
	/* A runtime may call both of the stages that we serve, and one hook for each class. */
	r = container_make_way(hook, creation->state, err);
	if (r == 1)
		r = creation_leave_out_held(creation, err);
	if (r == 0)
		r = creation_add_offers(creation, err);
	if (r < 0 || creation->count == 0)
		return r;
	r = creation_give(creation, err);
	if (r == 0 && hide_passwords(creation->lease->state_dir, &why) < 0)
		log_warn("container %s: %s", creation->state->id, why.text);
	return r;
}

/* Undoes what earlier hooks made for this container: after a failure it is not started. */
static void undo_earlier(const struct hook *hook, const struct oci_state *state)
{
	struct error why;

	if (container_make_way(hook, state, NULL) == 1 && container_remove(hook, state, &why) < 0)
		log_err("container %s: cannot undo everything: %s", state->id, why.text);
}

int container_create(const struct hook *hook, const struct oci_state *state, struct error *err)
{
	__attribute__((cleanup(creation_done))) struct creation creation = { .hook = hook,
									     .state = state };
	int r = give(&creation, err);

	if (r < 0)
		undo_earlier(hook, state);
	if (hook->nonce != NULL)
		open_lease_end(hook->programs.run_dir, hook->root.hash, state->id, hook->nonce,
			       r < 0 ? 0 : state->pid);
	return r;
}
