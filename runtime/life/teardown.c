/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/life/teardown.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/config/oci_state.h"
#include "runtime/host/made_for.h"
#include "runtime/host/made_list.h"
#include "runtime/host/state_path.h"
#include "runtime/lease/book.h"
#include "runtime/lease/claimed.h"
#include "runtime/lease/index.h"
#include "runtime/lease/lease.h"
#include "runtime/life/hook.h"
#include "runtime/life/undo.h"
#include "runtime/life/watch.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/group.h"
#include "util/log.h"

/* How long another worker on the same container is waited for. */
#define TURNS_MOST 600
#define TURN_NS 50000000L

int container_undo(const struct server_programs *programs, const struct lease *lease,
		   struct error *err)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	int r = vtpms_undo(programs, lease, err);

	if (r >= 0)
		r = lease_book_open(programs->run_dir, &book, err);
	return r < 0 ? r : lease_book_remove(book, lease, err);
}

static bool has_worker(const struct lease *lease)
{
	return process_lives(&lease->worker);
}

/* --- one container --- */

/* Whether the lease of that name may be the container's. */
static bool may_be(const struct hook *hook, const struct oci_state *state, const char *name)
{
	return lease_name_is_of(name, hook->root.known ? hook->root.hash : NULL, state->id);
}

/*
 * The runtime's root may be unknown; then id and bundle must do. A living container with another
 * bundle is not the one that is meant, whatever the roots are called.
 */
static bool is_container(const struct hook *hook, const struct oci_state *state,
			 const struct lease *lease)
{
	bool same_bundle = strcmp(lease->bundle, state->bundle) == 0;

	return same_bundle || (hook->root.known && !process_lives(&lease->init));
}

/* The watcher may have gone with the container that it was started for. */
static void resume_watch(const char *run_dir, struct lease_book *book)
{
	struct error why;

	if (watch_resume(run_dir, book, &why) < 0)
		log_warn("updates are not followed: %s", why.text);
}

/* Whether the numbers were taken for the call of a runtime that this hook belongs to. */
static bool is_entered(const struct hook *hook, const struct lease *lease)
{
	return hook->nonce != NULL && strcmp(hook->nonce, lease->nonce) == 0;
}

/* *RET gets the lease of that name if it is the container's and this hook may undo it, else NULL.
 */
static void read_own(const struct hook *hook, const struct oci_state *state,
		     struct lease_book *book, const char *name, struct lease **ret)
{
	cleanup_free struct lease *lease = NULL;

	*ret = NULL;
	if (may_be(hook, state, name) && lease_book_read(book, name, &lease, NULL) == 0 &&
	    is_container(hook, state, lease) && (!lease_is_open(lease) || is_entered(hook, lease)))
		*ret = take_ptr(lease);
}

/*
 * A runtime calls its poststop hook only once: whatever becomes of this call, prune goes on with
 * all that the container has. A lease that another process works on is left alone.
 */
static int mark_ended(const struct hook *hook, const struct oci_state *state, struct error *err)
{
	cleanup_with(lease_index_freep) struct lease_index *all = NULL;
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	const char *name = NULL;
	int r = lease_book_open(hook->programs.run_dir, &book, err);

	if (r == 0)
		r = lease_book_names(book, &all, err);
	while (r == 0 && (name = lease_index_next(all, name)) != NULL) {
		cleanup_free struct lease *lease = NULL;

		read_own(hook, state, book, name, &lease);
		if (lease == NULL || lease->ended || has_worker(lease))
			continue;
		lease->ended = true;
		r = lease_book_put(book, lease, err);
	}
	return r;
}

/* 0: nothing (left) to do; 1: *RET is ours; -EAGAIN: somebody else is at it. */
static int claim(const struct hook *hook, const struct oci_state *state, struct lease **ret,
		 struct error *err)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	int r = lease_book_open(hook->programs.run_dir, &book, err);

	if (r < 0)
		return r;
	for (const char *name = lease_index_next(lease_book_index(book), NULL); name != NULL;
	     name = lease_index_next(lease_book_index(book), name)) {
		cleanup_free struct lease *lease = NULL;

		read_own(hook, state, book, name, &lease);
		if (lease == NULL)
			continue;
		/* The worker on an open lease is the runtime, which waits for this hook. */
		if (has_worker(lease) && !lease_is_open(lease))
			return error_say(err, EAGAIN,
					 "container %s: another process works on its vTPMs",
					 lease->id);
		r = lease_book_claim(book, lease, err);
		if (r < 0)
			return r;
		*ret = take_ptr(lease);
		return 1;
	}
	resume_watch(hook->programs.run_dir, book);
	return 0;
}

int container_remove(const struct hook *hook, const struct oci_state *state, struct error *err)
{
	static const struct timespec turn = { .tv_nsec = TURN_NS };
	int r = mark_ended(hook, state, err);

	if (r < 0)
		return r;
	for (int i = 0; i < TURNS_MOST; i++) {
		cleanup_free struct lease *lease = NULL;

		r = claim(hook, state, &lease, err);
		if (r == 1)
			r = container_undo(&hook->programs, lease, err);
		else if (r != -EAGAIN)
			return r;
		else
			(void)nanosleep(&turn, NULL);
		if (r < 0 && r != -EAGAIN)
			return r;
	}
	return r;
}

/* 1: the container has its vTPMs; 0: it does not, and the one that has them is gone. */
static int look_at_lease(const struct lease *lease, const struct oci_state *state,
			 struct error *err)
{
	if (!process_lives(&lease->init))
		return 0;
	if (lease->init.pid == state->pid)
		return !has_worker(lease);
	return error_say(err, EBUSY, "another container %s lives, process %d of bundle %s",
			 lease->id, lease->init.pid, lease->bundle);
}

/* What look_at_lease() says of all leases of the container: 1 when it does of any. */
static int look_at_container(const struct hook *hook, const struct oci_state *state, bool *leftover,
			     struct error *err)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	cleanup_free struct lease *lease = NULL;
	const char *name = NULL;
	int has = 0;
	int r = lease_book_open(hook->programs.run_dir, &book, err);

	if (r < 0)
		return r;
	while (lease_book_next(book, hook->root.hash, state->id, &name, &lease)) {
		if (lease_is_open(lease))
			continue;
		r = look_at_lease(lease, state, err);
		if (r < 0)
			return r;
		has |= r;
		*leftover |= r == 0;
	}
	return has;
}

int container_make_way(const struct hook *hook, const struct oci_state *state, struct error *err)
{
	/* What vtpm-runtime has entered for this container is not left by an earlier one. */
	struct hook others = *hook;
	bool leftover = false;
	int r = look_at_container(hook, state, &leftover, err);

	others.nonce = NULL;
	return r != 0 || !leftover ? r : container_remove(&others, state, err);
}

/* --- all that are no more --- */

/* A runtime that was killed may leave the group, but no process in it. */
static bool has_processes(const char *group)
{
	cleanup_close int dir = open(group, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return dir < 0 ? errno != ENOENT : group_is_populated(dir);
}

static bool is_there(const char *path)
{
	return path[0] != '\0' && (access(path, F_OK) == 0 || errno != ENOENT);
}

/*
 * An attached vTPM ends with the first process, as no hook may ever be called for it. An engine
 * that was killed may leave its runtime's directory for ever; but a container without a process,
 * and without its bundle or its files, is gone.
 */
static bool is_gone(const struct lease *lease, void *context)
{
	(void)context;
	if (has_worker(lease) || (process_lives(&lease->init) && !lease->ended))
		return false;
	if (lease->attached || lease->ended)
		return true;
	if (lease->freezer[0] != '\0' && has_processes(lease->freezer))
		return false;
	if (lease_is_open(lease))
		return true;
	return !is_there(lease->state_dir) || !is_there(lease->bundle) || !is_there(lease->rootfs);
}

/*
 * Of a class, and without the process it is for, though the runtime may still know the container:
 * some call the poststop hook only when the next one has started.
 */
static bool is_dead(const struct lease *lease, void *context)
{
	bool has_class = false;

	(void)context;
	for (size_t i = 0; i < lease->count; i++)
		has_class |= lease->vtpms[i].claim.class[0] != '\0';
	return has_class && !has_worker(lease) && !process_lives(&lease->init);
}

/* Takes out of CLAIMED what could not be undone. */
static int undo_claimed(const struct server_programs *programs, struct claimed *claimed,
			struct error *err)
{
	size_t all = claimed->count;
	int result = 0;

	claimed->count = 0;
	for (size_t i = 0; i < all; i++) {
		struct lease *lease = claimed->leases[i];
		struct error why;
		int r = vtpms_undo(programs, lease, &why);

		if (r != 0)
			result = error_say(err, r < 0 ? -r : EBUSY, "%s", why.text);
		if (r >= 0) {
			claimed->leases[claimed->count++] = lease;
			continue;
		}
		log_warn("container %s: its vTPMs stay: %s", lease->id, why.text);
		free(lease);
	}
	return result;
}

/* RESUME: the watcher may have gone with one of them. */
static int remove_claimed(const char *run_dir, const struct claimed *claimed, bool resume,
			  struct error *err)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	int r, result = 0;

	r = lease_book_open(run_dir, &book, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < claimed->count; i++) {
		r = lease_book_remove(book, claimed->leases[i], err);
		if (r < 0)
			result = r;
	}
	if (resume)
		resume_watch(run_dir, book);
	return result;
}

/* Removes all at once, so that the book is read and written once for a thousand, too. */
static int remove_all(const struct server_programs *programs, lease_test *test, bool resume,
		      size_t *count, struct error *err)
{
	cleanup_claimed struct claimed claimed;
	int r, undone, removed = 0;

	r = claim_all(programs->run_dir, test, NULL, &claimed, err);
	undone = undo_claimed(programs, &claimed, err);
	if (resume || claimed.count > 0)
		removed = remove_claimed(programs->run_dir, &claimed, resume, err);
	*count += claimed.count;
	return r < 0 ? r : undone < 0 ? undone : removed;
}

int containers_prune(const struct server_programs *programs, size_t *count, struct error *err)
{
	return remove_all(programs, is_gone, true, count, err);
}

int containers_end_dead(const struct server_programs *programs, size_t *count, struct error *err)
{
	return remove_all(programs, is_dead, false, count, err);
}

/* --- what a power cut left --- */

struct sweep {
	const struct server_programs *programs;
	size_t *count;
	int result;
	struct error *err;
};

/*
 * Returns 1 if it removed the state. Holds the lock of the leases, so that nobody makes a state
 * meanwhile.
 */
static int sweep_state(const struct server_programs *programs, const char *path, struct error *err)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	struct made_for mark;
	int r = lease_book_open(programs->run_dir, &book, err);

	if (r < 0)
		return r;
	/* A state of this boot may belong to another book. */
	if (lease_index_state_owner(lease_book_index(book), path) != NULL ||
	    state_path_mark(path, &mark) < 0 || made_for_this_boot(&mark))
		return 0;
	r = state_path_remove_made(path, NULL, err);
	if (r < 0)
		return error_prefix(err, r, "container %s, which is no more", mark.container);
	made_list_remove(programs->lib_dir, path);
	return 1;
}

static void sweep_next(const char *path, void *context)
{
	struct sweep *sweep = context;
	struct error why;
	int r = sweep_state(sweep->programs, path, &why);

	if (r < 0) {
		log_warn("%s", why.text);
		sweep->result = error_say(sweep->err, -r, "%s", why.text);
		return;
	}
	*sweep->count += (size_t)r;
}

int states_prune(const struct server_programs *programs, size_t *count, struct error *err)
{
	struct sweep sweep = { .programs = programs, .count = count, .err = err };

	made_list_each(programs->lib_dir, sweep_next, &sweep);
	return sweep.result;
}
