/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/keep.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

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

/* What is locked by a server is in use, and stays. */
static int remove_state(const char *path, struct error *err)
{
	struct file_id id;
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : error_set(err, errno, "remove %s", path);
	id = file_id_of(&st);
	return state_path_remove(path, &id, err);
}

static bool is_another_s(const struct kept *old, const struct kept *now)
{
	return strcmp(old->anchor, now->anchor) != 0 || old->self.ino != now->self.ino ||
	       old->self.seconds != now->self.seconds;
}

static int keep(const char *lib_dir, const char *container, const struct vtpm_entry *entry,
		struct error *err)
{
	const struct class_claim *claim = entry->claim;
	struct kept kept = { 0 }, old;
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
	if (claim->anchor != NULL && kept_read(lib_dir, kept.path, &old) == 0 &&
	    is_another_s(&old, &kept))
		r = remove_state(kept.path, err);
	return r < 0 ? r : kept_write(lib_dir, &kept, err);
}

int keep_states(const char *lib_dir, const char *container, const struct vtpm_entry *entries,
		size_t count, struct error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < count; i++) {
		if (entries[i].claim != NULL && entries[i].claim->kept)
			r = keep(lib_dir, container, &entries[i], err);
	}
	return r;
}

struct prune {
	const struct server_programs *programs;
	int64_t now;
	size_t count;
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

	if (verdict == KEPT_CHANGED)
		r = kept_write(prune->programs->lib_dir, &kept, &why);
	if (verdict == KEPT_GONE)
		r = kept_state_remove(prune->programs, kept.path, &why);
	if (r < 0) {
		log_warn("container %s, which is no more: %s", kept.container, why.text);
		return;
	}
	prune->count += verdict == KEPT_GONE;
}

size_t kept_states_prune(const struct server_programs *programs, int64_t now)
{
	struct prune prune = { .programs = programs, .now = now };

	kept_each(programs->lib_dir, look, &prune);
	return prune.count;
}
