/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/lease/open.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/config/class.h"
#include "runtime/config/entry.h"
#include "runtime/lease/book.h"
#include "runtime/lease/class_limit.h"
#include "runtime/lease/index.h"
#include "runtime/lease/lease.h"
#include "runtime/lease/numbers.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/log.h"

int open_lease_read(struct lease_book *book, const char *hash, const char *id, struct lease **ret,
		    struct error *err)
{
	char name[LEASE_NAME_LEN + 1];
	int r;

	*ret = NULL;
	if (lease_name(hash, id, LEASE_OPEN, name) < 0)
		return error_set(err, ENAMETOOLONG, "container %s", id);
	r = lease_book_read(book, name, ret, err);
	return r == -ENOENT ? 0 : r;
}

/* --- taking ---------------------------------------------------------------------------------- */

/* A living worker or container stands in the way of a new lease. */
static int check_old(struct lease_book *book, const struct lease *now, struct error *err)
{
	cleanup_free struct lease *old = NULL;
	int r = open_lease_read(book, now->hash, now->id, &old, err);

	if (r < 0 || old == NULL)
		return r;
	if (process_lives(&old->worker) && old->worker.pid == now->worker.pid)
		return error_say(err, ELOOP,
				 "the runtime that vtpm-runtime calls has called vtpm-runtime: "
				 "name the real one in the configuration");
	if (process_lives(&old->worker))
		return error_say(err, EBUSY, "process %d is creating container %s", old->worker.pid,
				 old->id);
	if (process_lives(&old->init))
		return error_say(err, EBUSY, "another container %s lives, process %d of bundle %s",
				 old->id, old->init.pid, old->bundle);
	return 0;
}

static size_t count_of_class(const struct vtpm_entry *entries, size_t count, const char *class)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++)
		found += entries[i].claim != NULL && strcmp(entries[i].claim->class, class) == 0;
	return found;
}

/* The hook would also refuse this, but not every runtime shows what a hook says. */
static int check_classes(struct lease_book *book, const struct vtpm_entry *entries, size_t count,
			 struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		const struct class_claim *claim = entries[i].claim;
		int r;

		if (claim == NULL)
			continue;
		r = class_limit_check(book, claim, count_of_class(entries, i, claim->class), true,
				      err);
		if (r < 0)
			return error_prefix(err, r, "vTPM %s", entries[i].paths[0]);
	}
	return 0;
}

static void take_numbers(struct lease_book *book, const struct number_wishes *wishes,
			 struct lease *lease)
{
	for (size_t i = 0; i < wishes->count; i++) {
		const struct vtpm_entry *entry = &wishes->entries[i];
		struct lease_vtpm vtpm = { .node_count = entry->node_count };
		struct error why;

		for (size_t j = 0; j < entry->node_count; j++)
			(void)strcpy(vtpm.nodes[j].path, entry->paths[j]);
		if (numbers_take(book, wishes, lease, entry, &vtpm, &why) == 0)
			lease->vtpms[lease->count++] = vtpm;
		else
			log_debug("container %s: no numbers for %s yet: %s", lease->id,
				  entry->paths[0], why.text);
	}
}

static int begin(const struct open_request *request, struct lease *lease, struct error *err)
{
	int r = process_identify(getpid(), &lease->worker);

	if (r < 0)
		return error_set(err, -r, "identify this process");
	if (snprintf(lease->id, sizeof(lease->id), "%s", request->id) >= (int)sizeof(lease->id) ||
	    snprintf(lease->bundle, PATH_MAX, "%s", request->bundle) >= PATH_MAX)
		return error_set(err, ENAMETOOLONG, "container %.64s...", request->id);
	(void)snprintf(lease->hash, sizeof(lease->hash), "%s", request->hash);
	(void)snprintf(lease->nonce, sizeof(lease->nonce), "%s", request->nonce);
	(void)strcpy(lease->part, LEASE_OPEN);
	lease->count = 0;
	return 0;
}

int open_lease_take(const struct open_request *request, const struct vtpm_entry *entries,
		    size_t count, struct lease **ret, struct error *err)
{
	const struct number_wishes wishes = { .entries = entries,
					      .count = count,
					      .major = request->major };
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	cleanup_free struct lease *lease = NULL;
	int r;

	if (lease_new(count, &lease) < 0)
		return error_set(err, ENOMEM, "write the lease");
	r = begin(request, lease, err);
	if (r == 0)
		r = lease_book_open(request->run_dir, &book, err);
	if (r == 0)
		r = check_old(book, lease, err);
	if (r == 0 && !request->lenient)
		r = check_classes(book, entries, count, err);
	if (r < 0)
		return r;
	take_numbers(book, &wishes, lease);
	r = lease_book_put(book, lease, err);
	if (r == 0)
		*ret = take_ptr(lease);
	return r;
}

void open_lease_cancel(const char *run_dir, const struct lease *open)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	struct error why;

	if (lease_book_open(run_dir, &book, &why) < 0 || lease_book_remove(book, open, &why) < 0)
		log_warn("container %s: %s", open->id, why.text);
}

/* --- the hook's ------------------------------------------------------------------------------ */

int open_lease_check(const char *run_dir, const char *hash, const char *id, const char *nonce,
		     struct error *err)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	cleanup_free struct lease *lease = NULL;
	const char *name = NULL;
	int r = lease_book_open(run_dir, &book, err);

	if (r < 0)
		return r;
	while (lease_book_next(book, hash, id, &name, &lease)) {
		if (strcmp(lease->nonce, nonce) == 0)
			return 0;
	}
	return error_say(err, EINVAL,
			 "container %s: its config.json is what vtpm-runtime has made of it for "
			 "another one, or for an earlier start",
			 id);
}

int open_lease_give(struct lease_book *book, struct lease *open, const struct lease *lease,
		    struct error *err)
{
	size_t left = 0;

	if (open == NULL)
		return 0;
	for (size_t i = 0; i < open->count; i++) {
		const struct lease_vtpm *vtpm = &open->vtpms[i];

		if (!lease_has_number(lease, vtpm->major, vtpm->nodes[0].minor))
			open->vtpms[left++] = *vtpm;
	}
	open->count = left;
	return lease_book_put(book, open, err);
}

static int end(struct lease_book *book, struct lease *open, pid_t init, struct error *err)
{
	if (open->count == 0 || init == 0 || process_identify(init, &open->init) < 0)
		return lease_book_remove(book, open, err);
	open->worker = (struct process){ 0 };
	return lease_book_put(book, open, err);
}

void open_lease_end(const char *run_dir, const char *hash, const char *id, const char *nonce,
		    pid_t init)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	cleanup_free struct lease *open = NULL;
	struct error why;
	int r = lease_book_open(run_dir, &book, &why);

	if (r == 0)
		r = open_lease_read(book, hash, id, &open, &why);
	if (r == 0 && open != NULL && lease_is_open(open) && strcmp(open->nonce, nonce) == 0)
		r = end(book, open, init, &why);
	if (r < 0)
		log_warn("container %s: %s", id, why.text);
}
