/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/lease/reserve.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/config/admin.h"
#include "runtime/config/class.h"
#include "runtime/config/container.h"
#include "runtime/config/entry.h"
#include "runtime/config/oci_state.h"
#include "runtime/host/made_for.h"
#include "runtime/host/runtime_root.h"
#include "runtime/host/shared_dirs.h"
#include "runtime/host/state_path.h"
#include "runtime/lease/book.h"
#include "runtime/lease/class_limit.h"
#include "runtime/lease/index.h"
#include "runtime/lease/lease.h"
#include "runtime/lease/numbers.h"
#include "runtime/lease/open.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/log.h"
#include "util/user.h"

/* Of one container: what several hooks ask for, and what is attached. */
#define PARTS_MOST 99

/* A reservation in progress. */
struct reservation {
	const struct reserve_request *request;
	const struct shared_dirs *dirs; /* of the container */
	struct number_wishes wishes;
	struct lease_book *book;
	struct lease *lease; /* its count grows with each entry */
};

static int take_state(const struct reservation *to, const struct vtpm_entry *entry,
		      struct lease_vtpm *vtpm, struct error *err)
{
	struct made_for mark;
	const char *owner;
	bool exists;
	int r;

	if (vtpm_entry_in_memory(entry))
		return 0;
	r = state_path_resolve(entry->state_path, vtpm->state_path, &exists, err);
	if (r < 0)
		return error_prefix(err, r, "statePath");
	r = shared_dirs_check(to->dirs, vtpm->state_path, err);
	if (r < 0)
		return error_prefix(err, r, "statePath");
	owner = lease_index_state_owner(lease_book_index(to->book), vtpm->state_path);
	if (owner != NULL)
		return error_say(err, EBUSY, "statePath '%s' is in use by container %s",
				 entry->state_path, owner);
	for (size_t i = 0; i < to->lease->count; i++) {
		if (strcmp(to->lease->vtpms[i].state_path, vtpm->state_path) == 0)
			return error_say(err, EINVAL, "statePath '%s' is there twice",
					 entry->state_path);
	}
	vtpm->managed = entry->state_is_managed;
	vtpm->created =
		!exists || (!vtpm->managed && state_path_mark(vtpm->state_path, &mark) == 0);
	return 0;
}

static bool has_name(const struct lease *lease, const char *name)
{
	for (size_t i = 0; i < lease->count; i++) {
		const struct lease_vtpm *vtpm = &lease->vtpms[i];

		for (size_t j = 0; j < vtpm->node_count; j++) {
			if (strcmp(vtpm->nodes[j].name, name) == 0)
				return true;
		}
	}
	return false;
}

/*
 * "a-b" and "c" give the same name as "a" and "b-c". A name that nobody else has when the lease is
 * written is ours from then on: it serves to find and end a server that the lease does not know.
 */
static int check_device_name(const struct reservation *to, const char *name, struct error *err)
{
	const char *owner = lease_index_name_owner(lease_book_index(to->book), name);
	char path[NAME_MAX + 32];

	if (owner != NULL)
		return error_say(err, EBUSY, "the device's name %s is taken by container %s", name,
				 owner);
	if (has_name(to->lease, name))
		return error_say(err, EBUSY, "the device's name %s is there twice", name);
	(void)snprintf(path, sizeof(path), "/sys/class/cuse/%s", name);
	if (access(path, F_OK) == 0)
		return error_say(err, EBUSY, "a device %s that no lease knows is in use", name);
	return 0;
}

/* The server makes further names, of its files, from that of the device. */
static int take_names(const struct reservation *to, const struct vtpm_entry *entry,
		      struct lease_vtpm *vtpm, struct error *err)
{
	static const char *const prefixes[VTPM_NODES_MOST] = { "tpm", "tpmrm" };
	const int most = NAME_MAX - 8;

	for (size_t i = 0; i < vtpm->node_count; i++) {
		char *name = vtpm->nodes[i].name;
		int r;

		if (snprintf(name, sizeof(vtpm->nodes[i].name), "%s-%s-%s-%s", prefixes[i],
			     to->request->root->hash, to->request->state->id, entry->name) > most)
			return error_say(err, ENAMETOOLONG, "the device's name would be too long");
		r = check_device_name(to, name, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int check_user(const struct vtpm_entry *entry, struct error *err)
{
	struct user user;
	int r = entry->run_as == NULL ? 0 : user_find(entry->run_as, &user, err);

	return r < 0 ? error_prefix(err, r, "runAs") : 0;
}

static int check_limit(const struct reservation *to, struct error *err)
{
	size_t exist = lease_index_count(lease_book_index(to->book)) + to->lease->count;
	size_t most = (size_t)to->request->admin->most;

	return exist < most ? 0
			    : error_say(err, EUSERS,
					"%zu vTPMs exist and this host may have %zu (maxVTPMs)",
					exist, most);
}

static int check_class_limit(const struct reservation *to, const struct class_claim *claim,
			     struct error *err)
{
	size_t more = 0;

	for (size_t i = 0; i < to->lease->count; i++)
		more += strcmp(to->lease->vtpms[i].claim.class, claim->class) == 0;
	/* After a sweep, dead containers that could not be ended do not count. */
	return class_limit_check(to->book, claim, more, to->request->swept, err);
}

static int take_claim(const struct reservation *to, const struct class_claim *claim,
		      struct lease_claim *ret, struct error *err)
{
	int r = check_class_limit(to, claim, err);

	if (r < 0)
		return r;
	(void)snprintf(ret->class, sizeof(ret->class), "%s", claim->class);
	(void)snprintf(ret->device, sizeof(ret->device), "%s", claim->device);
	(void)snprintf(ret->owner, sizeof(ret->owner), "%s", claim->owner);
	return 0;
}

static int take(const struct reservation *to, const struct vtpm_entry *entry,
		struct lease_vtpm *vtpm, struct error *err)
{
	int r = check_limit(to, err);

	if (r == 0 && entry->claim != NULL)
		r = take_claim(to, entry->claim, &vtpm->claim, err);
	if (r < 0)
		return r;
	vtpm->node_count = entry->node_count;
	for (size_t i = 0; i < entry->node_count; i++)
		(void)strcpy(vtpm->nodes[i].path, entry->paths[i]);
	vtpm->resources = entry->resources;
	if (entry->state_path != NULL) {
		r = check_user(entry, err);
		if (r == 0)
			r = take_names(to, entry, vtpm, err);
		if (r == 0)
			r = take_state(to, entry, vtpm, err);
	}
	return r == 0 ? numbers_take(to->book, &to->wishes, to->lease, entry, vtpm, err) : r;
}

/* A failed entry leaves no gap. */
static int take_all(const struct reservation *to, struct vtpm_entry *entries, size_t *count,
		    bool lenient, struct error *err)
{
	size_t all = *count, good = 0;

	for (size_t i = 0; i < all; i++) {
		struct lease_vtpm vtpm = { 0 };
		struct error why;
		int r = take(to, &entries[i], &vtpm, &why);

		if (r < 0 && !lenient)
			return error_say(err, -r, "vTPM %s: %s", entries[i].paths[0], why.text);
		if (r < 0) {
			log_warn("container %s: left out: vTPM %s: %s", to->request->state->id,
				 entries[i].paths[0], why.text);
			continue;
		}
		to->lease->vtpms[good] = vtpm;
		entries[good++] = entries[i];
		to->lease->count = good;
	}
	*count = good;
	return 0;
}

static int resolve_rootfs(const struct reserve_request *request, char ret[static PATH_MAX],
			  struct error *err)
{
	const char *rootfs = request->container->rootfs;
	char path[PATH_MAX];
	int n = rootfs[0] == '/'
			? snprintf(path, sizeof(path), "%s", rootfs)
			: snprintf(path, sizeof(path), "%s/%s", request->state->bundle, rootfs);

	if (n >= (int)sizeof(path))
		return error_set(err, ENAMETOOLONG, "root.path %.64s...", rootfs);
	return realpath(path, ret) != NULL ? 0 : error_set(err, errno, "root.path %s", path);
}

/* What is known before anything is taken. */
static int begin_lease(const struct reserve_request *request, struct lease *lease,
		       struct error *err)
{
	const struct oci_state *state = request->state;
	int r;

	lease->count = 0;
	(void)strcpy(lease->id, state->id);
	(void)strcpy(lease->hash, request->root->hash);
	lease->forgets_rules = request->root->forgets_rules;
	if (request->nonce != NULL)
		(void)snprintf(lease->nonce, sizeof(lease->nonce), "%s", request->nonce);
	lease->attached = request->attached;
	if (snprintf(lease->bundle, PATH_MAX, "%s", state->bundle) >= PATH_MAX ||
	    snprintf(lease->state_dir, PATH_MAX, "%s/%s", request->root->path, state->id) >=
		    PATH_MAX)
		return error_set(err, ENAMETOOLONG, "%s", state->bundle);
	r = process_identify(getpid(), &lease->worker);
	if (r == 0)
		r = process_identify(state->pid, &lease->init);
	if (r < 0)
		return error_set(err, -r, "find the container's first process");
	return resolve_rootfs(request, lease->rootfs, err);
}

/* Another call was faster, or the container is one of a runtime's root that we do not know. */
static int refuse_container(const struct reservation *to, const char *name, struct error *err)
{
	cleanup_free struct lease *other = NULL;
	int r = lease_book_read(to->book, name, &other, err);

	if (r < 0)
		return error_prefix(err, r, "container %s", to->lease->id);
	return error_say(err, EBUSY, "a container %s has vTPMs already, that of bundle %s",
			 other->id, other->bundle);
}

/* The first part that the container has no lease of. */
static int choose_part(const struct reservation *to, struct error *err)
{
	struct lease *lease = to->lease;
	char name[LEASE_NAME_LEN + 1];

	for (unsigned int i = 0; i <= PARTS_MOST; i++) {
		if (i > 0)
			(void)snprintf(lease->part, sizeof(lease->part), "%u", i);
		if (lease_name(lease->hash, lease->id, lease->part, name) < 0)
			return error_set(err, ENAMETOOLONG, "container %s", lease->id);
		if (!lease_index_has(lease_book_index(to->book), name))
			return 0;
		if (!to->request->more)
			return refuse_container(to, name, err);
	}
	return error_say(err, EBUSY, "container %s has %d leases already", lease->id, PARTS_MOST);
}

int reserve(const struct reserve_request *request, struct vtpm_entry *entries, size_t *count,
	    bool lenient, struct lease **ret, struct error *err)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	cleanup_with(shared_dirs_freep) struct shared_dirs *dirs = NULL;
	cleanup_free struct lease *lease = NULL, *given = NULL;
	struct reservation to = { .request = request,
				  .wishes = { entries, *count, request->admin->major, NULL } };
	int r;

	if (lease_new(*count, &lease) < 0)
		return error_set(err, ENOMEM, "write the lease");
	r = begin_lease(request, lease, err);
	if (r == 0)
		r = shared_dirs_new(request->state->bundle, lease->rootfs,
				    request->container->mounts, &dirs, err);
	if (r == 0)
		r = lease_book_open(request->run_dir, &book, err);
	if (r < 0)
		return r;
	to.dirs = dirs;
	to.book = book;
	to.lease = lease;
	r = choose_part(&to, err);
	if (r == 0)
		r = open_lease_read(book, lease->hash, lease->id, &given, err);
	to.wishes.given = given;
	if (r == 0)
		r = take_all(&to, entries, count, lenient, err);
	if (r == 0)
		r = open_lease_give(book, given, lease, err);
	if (r == 0)
		r = lease_book_put(book, lease, err);
	if (r == 0)
		*ret = take_ptr(lease);
	return r;
}
