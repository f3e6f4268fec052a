/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads what a container asks for (entries of its configuration, and classes) and whether it may.
 */
#include "runtime/give/create_impl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "runtime/config/entry.h"
#include "runtime/config/oci_state.h"
#include "runtime/give/offer.h"
#include "runtime/life/hook.h"
#include "util/error.h"
#include "util/log.h"

static void log_skipped(const char *message)
{
	log_warn("left out: %s", message);
}

/* A vtpmName that begins with "tpm" gives a device /dev/tpmtpm..., which is hardly meant. */
static void question_names(const struct creation *creation)
{
	for (size_t i = 0; i < creation->count; i++) {
		const struct vtpm_entry *entry = &creation->entries[i];

		if (entry->asked_path == NULL && strncmp(entry->name, "tpm", 3) == 0)
			log_warn("container %s: vtpmName '%s' gives %s; for /dev/%s say '%s'",
				 creation->state->id, entry->name, entry->paths[0], entry->name,
				 entry->name + 3);
	}
}

/*
 * STATE has what the runtime has read. If that differs from what was entered together with this
 * hook, the bundle was changed in between, for instance by a second container of the same bundle.
 */
static int check_lease(const char *nonce, const struct oci_state *state, struct error *err)
{
	const char *entered =
		json_string_value(json_object_get(state->annotations, ANNOTATION_LEASE));

	if (nonce == NULL || annotation_has_nonce(entered, nonce))
		return 0;
	return error_say(err, EINVAL,
			 "container %s: config.json was changed by another call of vtpm-runtime",
			 state->id);
}

static int read_request(struct creation *creation, struct error *err)
{
	const struct hook *hook = creation->hook;
	bool may_ask = hook->classes->count > 0 || hook->annotations;
	int r;

	r = container_read(creation->state->bundle, &creation->container, err);
	/* Whoever created the running container has dealt with its configuration's entries. */
	if (creation->running != NULL)
		creation->container.vtpms = NULL;
	/* A mistake in our configuration must not affect containers without vTPMs. */
	if (r < 0 || (json_array_size(creation->container.vtpms) == 0 && !may_ask))
		return r;
	r = admin_config_read(hook->config, &creation->admin, err);
	if (r == 0)
		r = asking_read(hook->classes, creation->state->annotations, hook->annotations,
				&creation->admin, hook->root.path, &creation->asking, err);
	if (r == 0)
		r = container_entries(&creation->container, &creation->admin, log_skipped,
				      &creation->entries, &creation->count, err);
	if (r < 0 || creation->count + creation->asking.requests.count == 0)
		return r;
	if (creation->container.rootfs == NULL)
		return error_say(err, EINVAL, "%s/config.json describes no container",
				 creation->state->bundle);
	question_names(creation);
	if (creation->state->pid == 0)
		return error_say(err, EINVAL, "the container state on standard input has no pid");
	if (!creation->container.mount_namespace)
		return error_say(err, EINVAL,
				 "a container without a mount namespace cannot have a vTPM");
	return 1;
}

int creation_read(struct creation *creation, struct error *err)
{
	int r = check_lease(creation->hook->nonce, creation->state, err);

	return r == 0 ? read_request(creation, err) : r;
}

static bool is_entered(const char *device, const void *context)
{
	const struct creation *creation = context;
	char path[VTPM_PATH_LEN];

	device_path(device, path);
	return vtpm_entries_have_path(creation->entries, creation->count, path) ||
	       holding_has_path(&creation->holding, path);
}

int creation_add_offers(struct creation *creation, struct error *err)
{
	const struct hook *hook = creation->hook;
	const struct offer_asker asker =
		asking_asker(&creation->asking, &creation->container, &hook->root,
			     creation->state->id, creation->state->bundle);
	int r;

	r = offers_new(hook->class_dir, &creation->asking.requests, &asker, is_entered, creation,
		       &creation->offers, err);
	/* The first hook has already made the configuration's entries. */
	if (creation->holding.count > 0)
		creation->count = 0;
	return r < 0 ? r
		     : offers_add_entries(creation->offers, &creation->admin, &creation->entries,
					  &creation->count, err);
}

int creation_leave_out_held(struct creation *creation, struct error *err)
{
	int r = holding_read(creation->hook->programs.run_dir, creation->hook->root.hash,
			     creation->state->id, &creation->holding, err);

	if (r == 0)
		holding_drop(&creation->holding, &creation->asking.requests);
	return r;
}
