/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/life/restart.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/config/entry.h"
#include "runtime/host/state_path.h"
#include "runtime/lease/book.h"
#include "runtime/lease/claimed.h"
#include "runtime/lease/lease.h"
#include "runtime/life/hook.h"
#include "runtime/life/keep.h"
#include "runtime/life/told.h"
#include "runtime/server/start.h"
#include "runtime/server/stop.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/log.h"

bool server_is_dead(const struct lease *lease, const struct lease_vtpm *vtpm)
{
	return lease_vtpm_is_ours(vtpm) && !process_lives(&vtpm->server) &&
	       !process_lives(&lease->worker) && process_lives(&lease->init);
}

static void log_dead(const struct lease *lease)
{
	for (size_t i = 0; i < lease->count; i++) {
		const struct lease_vtpm *vtpm = &lease->vtpms[i];

		if (server_is_dead(lease, vtpm))
			log_warn("container %s: %s is dead, as its server %s, process %d, has "
				 "ended: vtpm-hook restart %s starts it again",
				 lease->id, vtpm->nodes[0].path, vtpm->nodes[0].name,
				 vtpm->server.pid, lease->id);
	}
}

void servers_log_dead(const char *run_dir)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	cleanup_free struct lease *lease = NULL;
	const char *name = NULL;

	if (lease_book_open(run_dir, &book, NULL) < 0)
		return;
	while (lease_book_next(book, NULL, NULL, &name, &lease))
		log_dead(lease);
}

/* --- one lease ------------------------------------------------------------------------------- */

struct restart {
	const struct hook *hook;
	struct lease *lease; /* which we work on */
	struct told told;
	struct vtpm_entry *entries; /* of the launches */
	struct launch *launches;
	size_t count;
};

static void restart_done(struct restart *restart)
{
	for (size_t i = 0; i < restart->count; i++)
		launch_done(&restart->launches[i]);
	free(restart->launches);
	free(restart->entries);
	told_done(&restart->told);
}

/* A missing state would be made anew, and be another TPM. */
static int check_state(const struct lease_vtpm *vtpm, struct error *err)
{
	if (vtpm->state_path[0] == '\0')
		return error_say(err, ENOENT,
				 "its state was in the memory of its server, and has gone "
				 "with it: start the container anew");
	if (!state_path_is_used(vtpm->state_path))
		return error_say(err, ENOENT, "there is no state in %s", vtpm->state_path);
	return 0;
}

/* If we are killed, the next call finds the new server by its pid file. */
static int make_room(const struct restart *restart, struct lease_vtpm *vtpm, struct error *err)
{
	int r = server_clear(vtpm, restart->hook->programs.run_dir, err);

	vtpm->server = (struct process){ 0 };
	return r;
}

static int plan_one(struct restart *restart, size_t i, const struct server_owner *owner,
		    struct error *err)
{
	struct lease_vtpm *vtpm = &restart->lease->vtpms[i];
	struct vtpm_entry *entry = &restart->entries[restart->count];
	int r = check_state(vtpm, err);

	if (r == 0)
		r = told_entry(restart->hook, restart->lease, i, &restart->told, entry, err);
	if (r == 0)
		r = make_room(restart, vtpm, err);
	if (r < 0)
		return error_prefix(err, r, "vTPM %s", vtpm->nodes[0].path);
	/* The TPM exists already. */
	entry->create_certs = false;
	entry->pcr_banks = NULL;
	keep_expect(&restart->hook->programs, entry);
	launch_init(&restart->launches[restart->count], entry, vtpm, owner,
		    &restart->hook->programs);
	launch_measure_again(&restart->launches[restart->count++]);
	return 0;
}

/* One that cannot be started does not stop the others; the result is its errno then. */
static int plan(struct restart *restart, const struct server_owner *owner, struct error *err)
{
	struct lease *lease = restart->lease;
	int r = told_read(restart->hook, lease, &restart->told, err), result = 0;

	restart->entries = calloc(lease->count + 1, sizeof(*restart->entries));
	restart->launches = calloc(lease->count + 1, sizeof(*restart->launches));
	if (restart->entries == NULL || restart->launches == NULL)
		return error_set(err, ENOMEM, "restart the servers of %s", lease->id);
	if (r < 0)
		return r;
	for (size_t i = 0; i < lease->count; i++) {
		const struct lease_vtpm *vtpm = &lease->vtpms[i];

		if (!lease_vtpm_is_ours(vtpm) || process_lives(&vtpm->server))
			continue;
		r = plan_one(restart, i, owner, err);
		if (r < 0)
			result = r;
	}
	return result;
}

static int put_lease(const struct restart *restart, struct error *err)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	int r = lease_book_open(restart->hook->programs.run_dir, &book, err);

	return r < 0 ? r : lease_book_put(book, restart->lease, err);
}

static int judge(const struct restart *restart, size_t *count, struct error *err)
{
	int r = 0;

	for (size_t i = 0; i < restart->count; i++) {
		const struct launch *launch = &restart->launches[i];

		if (launch->result < 0)
			r = error_say(err, -launch->result, "vTPM %s: %s",
				      launch->vtpm->nodes[0].path, launch->err.text);
		else
			(*count)++;
	}
	return r;
}

/* Releases the lease, whether or not the servers have started. */
static int restart_lease(const struct hook *hook, struct lease *lease, size_t *count,
			 struct error *err)
{
	__attribute__((cleanup(restart_done))) struct restart restart = { .hook = hook,
									  .lease = lease };
	cleanup_close int init_fd = process_open(&lease->init);
	const struct server_owner owner = { lease, init_fd, -1 };
	struct error why;
	int r = plan(&restart, &owner, err), result = r;

	if (restart.count > 0)
		r = put_lease(&restart, err);
	if (restart.count > 0 && r == 0) {
		servers_start(restart.launches, restart.count);
		r = judge(&restart, count, err);
	}
	lease->worker = (struct process){ 0 };
	if (put_lease(&restart, &why) < 0)
		r = error_say(err, EIO, "%s", why.text);
	return r < 0 ? r : result;
}

/* --- one container --------------------------------------------------------------------------- */

/* Which container is meant, and what the look at all leases has found. */
struct search {
	const char *id, *hash; /* HASH is NULL: of any runtime */
	bool found, ambiguous, busy, runs;
	char found_hash[sizeof(((struct lease *)0)->hash)];
};

static bool is_meant(const struct search *search, const struct lease *lease)
{
	return strcmp(lease->id, search->id) == 0 &&
	       (search->hash == NULL || strcmp(lease->hash, search->hash) == 0);
}

static bool look(const struct lease *lease, void *context)
{
	struct search *search = context;

	if (!is_meant(search, lease))
		return false;
	search->ambiguous |= search->found && strcmp(search->found_hash, lease->hash) != 0;
	search->found = true;
	search->busy |= process_lives(&lease->worker);
	search->runs |= process_lives(&lease->init);
	(void)strcpy(search->found_hash, lease->hash);
	return false;
}

static bool has_dead(const struct lease *lease, void *context)
{
	bool dead = false;

	for (size_t i = 0; i < lease->count; i++)
		dead |= server_is_dead(lease, &lease->vtpms[i]);
	return dead && is_meant(context, lease);
}

static int check(const struct search *search, struct error *err)
{
	const char *id = search->id;

	if (!search->found)
		return error_say(err, ENOENT, "no container %s has vTPMs; see vtpm-hook list", id);
	if (search->ambiguous)
		return error_say(err, EINVAL, "several runtimes have a container %s: give --root",
				 id);
	if (search->busy)
		return error_say(err, EAGAIN, "container %s: another process works on its vTPMs",
				 id);
	if (!search->runs)
		return error_say(err, ESRCH, "container %s does not run", id);
	return 0;
}

int container_restart(const struct hook *hook, const char *id, size_t *count, struct error *err)
{
	struct search search = { .id = id, .hash = hook->root.known ? hook->root.hash : NULL };
	cleanup_claimed struct claimed none = { 0 }, dead = { 0 };
	int r = claim_all(hook->programs.run_dir, look, &search, &none, err), result;

	*count = 0;
	if (r == 0)
		r = check(&search, err);
	if (r < 0)
		return r;
	result = claim_all(hook->programs.run_dir, has_dead, &search, &dead, err);
	for (size_t i = 0; i < dead.count; i++) {
		r = restart_lease(hook, dead.leases[i], count, err);
		if (r < 0)
			result = r;
	}
	return result < 0 ? error_prefix(err, result, "container %s", id) : 0;
}
