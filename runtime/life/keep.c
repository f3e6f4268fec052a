/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/life/keep.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "runtime/config/class.h"
#include "runtime/config/entry.h"
#include "runtime/host/file_id.h"
#include "runtime/host/kept.h"
#include "runtime/host/state_path.h"
#include "runtime/lease/book.h"
#include "runtime/lease/index.h"
#include "runtime/server/launch.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/log.h"

/* A state that a server has locked is in use, and stays. */
static int remove_state(const char *path, struct error *err)
{
	struct file_id id;
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : error_set(err, errno, "remove %s", path);
	id = file_id_of(&st);
	return state_path_remove(path, &id, err);
}

/*
 * A container of this name was made anew where the old one was: its TPM is new, too. Storage that
 * was moved or put back from a copy says nothing of that, and the state stays.
 */
static bool is_another_s(const struct kept *old, const struct kept *now)
{
	return birth_is_same(&old->above, &now->above) &&
	       (strcmp(old->anchor, now->anchor) != 0 || !birth_is_same(&old->self, &now->self));
}

struct kept_count {
	const struct class_claim *claim;
	size_t count;
};

static void count_kept(const struct kept *kept, void *context)
{
	struct kept_count *of = context;
	const struct class_claim *claim = of->claim;

	of->count += strcmp(kept->class, claim->class) == 0 &&
		     (!claim->per_namespace || strcmp(kept->owner, claim->owner) == 0);
}

static int check_max_states(const char *lib_dir, const struct class_claim *claim, struct error *err)
{
	struct kept_count of = { .claim = claim };

	if (claim->max_states == 0)
		return 0;
	kept_each(lib_dir, count_kept, &of);
	if (of.count < (size_t)claim->max_states)
		return 0;
	return error_say(
		err, EUSERS, "class %s: its maxStates of %lld are kept%s%s: vtpm-hook state list",
		claim->class, (long long)claim->max_states, claim->per_namespace ? " for " : "",
		claim->per_namespace ? claim->owner : "");
}

/* A state that existed must not be made anew: its storage may not be mounted. */
static int check_presence(const struct kept *kept, struct error *err)
{
	struct stat st;

	if (kept->identity[0] == '\0' || lstat(kept->path, &st) == 0)
		return 0;
	return error_say(err, ENOENT,
			 "class %s: the state that is kept in %s is not there; to give it up: "
			 "vtpm-hook state remove",
			 kept->class, kept->path);
}

/* OLD is the record that there is; NULL: none. */
static int keep(const char *lib_dir, const char *container, const struct kept *old,
		struct vtpm_entry *entry, struct error *err)
{
	const struct class_claim *claim = entry->claim;
	struct kept kept = { .since = time(NULL) };
	int r = 0;

	(void)snprintf(kept.path, sizeof(kept.path), "%s", entry->state_path);
	(void)snprintf(kept.class, sizeof(kept.class), "%s", claim->class);
	(void)snprintf(kept.owner, sizeof(kept.owner), "%s", claim->owner);
	(void)snprintf(kept.container, sizeof(kept.container), "%s", container);
	if (claim->anchor != NULL) {
		(void)snprintf(kept.anchor, sizeof(kept.anchor), "%s", claim->anchor);
		r = kept_look(&kept);
	}
	if (r < 0)
		return error_set(err, -r, "class %s: life \"container\": %s", claim->class,
				 kept.anchor);
	if (old != NULL && claim->anchor != NULL && is_another_s(old, &kept)) {
		r = remove_state(kept.path, err);
	} else if (old != NULL) {
		kept.since = old->since;
		(void)strcpy(kept.identity, old->identity);
		r = check_presence(&kept, err);
	}
	(void)strcpy(entry->noted, kept.identity);
	return r < 0 ? r : kept_write(lib_dir, &kept, err);
}

static bool is_kept(const struct vtpm_entry *entry)
{
	return entry->claim != NULL && entry->claim->kept;
}

/* A state that is already kept does not count again. */
static int keep_counted(const char *lib_dir, const char *container, struct vtpm_entry *entry,
			struct keeping *ret, struct error *err)
{
	struct kept old;
	int r;

	if (kept_read(lib_dir, entry->state_path, &old) == 0)
		return keep(lib_dir, container, &old, entry, err);
	r = check_max_states(lib_dir, entry->claim, err);
	if (r == 0)
		r = keep(lib_dir, container, NULL, entry, err);
	if (r == 0)
		ret->paths[ret->count++] = entry->state_path;
	return r;
}

/* Holds the lock, so that of two calls at once only one gets the last free place. */
int keep_states(const struct server_programs *programs, const char *container,
		struct vtpm_entry *entries, size_t count, struct keeping *ret, struct error *err)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	int r = 0;

	*ret = (struct keeping){ .paths = calloc(count + 1, sizeof(*ret->paths)) };
	if (ret->paths == NULL)
		return error_set(err, ENOMEM, "keep states");
	for (size_t i = 0; r == 0 && i < count; i++) {
		if (!is_kept(&entries[i]))
			continue;
		if (book == NULL)
			r = lease_book_open(programs->run_dir, &book, err);
		if (r == 0)
			r = keep_counted(programs->lib_dir, container, &entries[i], ret, err);
	}
	return r;
}

static void note_identity(const char *lib_dir, const char *path)
{
	struct kept kept;

	if (kept_read(lib_dir, path, &kept) < 0 || kept.identity[0] != '\0')
		return;
	if (state_path_identity(path, kept.identity) < 0 || kept_write(lib_dir, &kept, NULL) < 0)
		log_warn("which TPM is in %s cannot be noted", path);
}

void keep_identities(const struct server_programs *programs, const struct vtpm_entry *entries,
		     size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (is_kept(&entries[i]))
			note_identity(programs->lib_dir, entries[i].state_path);
	}
}

void keep_expect(const struct server_programs *programs, struct vtpm_entry *entry)
{
	struct kept kept;

	if (kept_read(programs->lib_dir, entry->state_path, &kept) == 0)
		(void)strcpy(entry->noted, kept.identity);
}

/* Forgets the new states that were not made, except those that a lease has meanwhile. */
void keeping_end(struct keeping *keeping, const struct server_programs *programs)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	struct stat st;

	for (size_t i = 0; i < keeping->count; i++) {
		const char *path = keeping->paths[i];

		if (lstat(path, &st) == 0 || errno != ENOENT)
			continue;
		if (book == NULL && lease_book_open(programs->run_dir, &book, NULL) < 0)
			break;
		if (lease_index_state_owner(lease_book_index(book), path) == NULL)
			kept_remove(programs->lib_dir, path);
	}
	free(keeping->paths);
	*keeping = (struct keeping){ 0 };
}

struct prune {
	const struct server_programs *programs;
	int64_t now;
	size_t *count;
	int result;
	struct error *err;
};

/* The lock of the leases is held: nobody begins to use the state meanwhile. */
int kept_state_remove(const struct server_programs *programs, const char *path, struct error *err)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	int r = lease_book_open(programs->run_dir, &book, err);

	if (r == 0 && lease_index_state_owner(lease_book_index(book), path) != NULL)
		r = error_say(err, EBUSY, "%s is in use", path);
	if (r == 0)
		r = remove_state(path, err);
	if (r == 0)
		kept_remove(programs->lib_dir, path);
	return r;
}

static void look(const struct kept *found, void *context)
{
	struct prune *prune = context;
	struct kept kept = *found;
	enum kept_verdict verdict = kept_judge(&kept, prune->now);
	struct error why;
	int r = 0;

	if (verdict == KEPT_CHANGED && kept.away)
		log_warn("container %s: where it was, %s, is not there or another one; its state "
			 "%s stays",
			 kept.container, kept.anchor, kept.path);
	if (verdict == KEPT_CHANGED)
		r = kept_write(prune->programs->lib_dir, &kept, &why);
	if (verdict == KEPT_GONE)
		r = kept_state_remove(prune->programs, kept.path, &why);
	if (r < 0) {
		log_warn("container %s, which is no more: %s", kept.container, why.text);
		prune->result = error_say(prune->err, -r, "%s", why.text);
		return;
	}
	*prune->count += verdict == KEPT_GONE;
}

int kept_states_prune(const struct server_programs *programs, int64_t now, size_t *count,
		      struct error *err)
{
	struct prune prune = { .programs = programs, .now = now, .count = count, .err = err };

	kept_each(programs->lib_dir, look, &prune);
	return prune.result;
}
