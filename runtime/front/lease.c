/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads what a container asks for as the hook will read it, so that the numbers of its devices are
 * known before the real runtime makes its rules.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/config/container.h"
#include "runtime/config/entry.h"
#include "runtime/config/oci_state.h"
#include "runtime/front/front.h"
#include "runtime/lease/open.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/log.h"

struct wanted {
	struct container container;
	struct offers *offers;
	struct vtpm_entry *entries;
	size_t count;
};

static void wanted_done(struct wanted *wanted)
{
	free(wanted->entries);
	offers_free(wanted->offers);
	container_done(&wanted->container);
}

static bool is_entered(const char *device, const void *context)
{
	const struct wanted *wanted = context;
	char path[VTPM_PATH_LEN];

	device_path(device, path);
	return vtpm_entries_have_path(wanted->entries, wanted->count, path);
}

/* The hook reports what it skips. */
static void skip(const char *message)
{
	log_debug("left out: %s", message);
}

static int read_wanted(const struct front *front, const struct asking *asking,
		       const struct offer_asker *asker, struct wanted *wanted, struct error *err)
{
	int r;

	r = container_entries(&wanted->container, &front->admin, skip, &wanted->entries,
			      &wanted->count, err);
	if (r == 0)
		r = offers_new(front->class_dir, &asking->requests, asker, is_entered, wanted,
			       &wanted->offers, err);
	return r < 0 ? r
		     : offers_add_entries(wanted->offers, &front->admin, &wanted->entries,
					  &wanted->count, err);
}

/* The bundle's path as the runtime will give it to the hook. */
static int find_bundle(const struct front *front, char bundle[static PATH_MAX], struct error *err)
{
	const char *path = front->arguments.bundle != NULL ? front->arguments.bundle : ".";

	return realpath(path, bundle) != NULL ? 0 : error_set(err, errno, "find %s", path);
}

int front_lease(const struct front *front, const struct runtime_root *root,
		const struct asking *asking, const char *text, const char *nonce,
		struct lease **ret, struct error *err)
{
	__attribute__((cleanup(wanted_done))) struct wanted wanted = { 0 };
	const char *id = front->arguments.id;
	char bundle[PATH_MAX];
	const struct open_request request = { .run_dir = front->run_dir,
					      .hash = root->hash,
					      .id = id,
					      .bundle = bundle,
					      .nonce = nonce,
					      .major = front->admin.major,
					      .lenient = front->admin.ignore_errors };
	struct offer_asker asker;
	int r;

	r = oci_id_check(id, err);
	if (r == 0)
		r = find_bundle(front, bundle, err);
	if (r == 0)
		r = container_parse(text, strlen(text), &wanted.container, err);
	if (r < 0)
		return r;
	asker = asking_asker(asking, &wanted.container, root, id, bundle);
	r = read_wanted(front, asking, &asker, &wanted, err);
	return r < 0 ? r : open_lease_take(&request, wanted.entries, wanted.count, ret, err);
}
