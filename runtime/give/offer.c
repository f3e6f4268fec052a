/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/give/offer.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/config/admin.h"
#include "runtime/config/class_dir.h"
#include "runtime/config/entry.h"
#include "runtime/config/members.h"
#include "runtime/host/anchor.h"
#include "runtime/host/state_path.h"
#include "util/cleanup.h"
#include "util/error.h"

/* One vTPM of a class. */
struct offer {
	struct vtpm_class class;
	const struct class_request *request;
	struct class_claim claim;
	char device[VTPM_NAME_LEN + 1];
	char state_path[PATH_MAX], anchor[PATH_MAX];
	json_t *entry;
};

struct offers {
	struct class_requests requests;
	char owner[OWNER_LEN + 1];
	size_t count;
	struct offer list[REQUESTS_MOST];
};

/* --- admission -------------------------------------------------------------------------------- */

static int read_class(const char *dir, const struct class_request *request,
		      const struct offer_asker *asker, struct vtpm_class *ret, struct error *err)
{
	const struct class_asker who = { .name_space = asker->name_space,
					 .root = asker->root,
					 .state_name = asker->state_name,
					 .by_annotation = request->by_annotation };
	int r;

	r = class_dir_read(dir, geteuid(), request->class, ret, err);
	if (r == -ENOENT)
		return r;
	if (r < 0)
		return error_prefix(err, r, "class %s", request->class);
	r = class_admits(ret, &who, err);
	if (r < 0)
		class_done(ret);
	return r;
}

/* --- names and states ------------------------------------------------------------------------ */

static bool is_asked(const struct offers *offers, const char *device)
{
	for (size_t i = 0; i < offers->requests.count; i++) {
		if (strcmp(offers->requests.list[i].device, device) == 0)
			return true;
	}
	for (size_t i = 0; i < offers->count; i++) {
		if (strcmp(offers->list[i].device, device) == 0)
			return true;
	}
	return false;
}

/* Chooses the name that was asked for, or the lowest number that nobody has or asks for. */
static void choose_device(const struct offers *offers, struct offer *offer, offer_name_taken *taken,
			  const void *context)
{
	if (offer->request->device[0] != '\0') {
		(void)strcpy(offer->device, offer->request->device);
		return;
	}
	for (unsigned int i = 0;; i++) {
		(void)snprintf(offer->device, sizeof(offer->device), "%u", i);
		if (!taken(offer->device, context) && !is_asked(offers, offer->device))
			return;
	}
}

static int name_state(const struct offers *offers, const struct offer *offer,
		      const struct offer_asker *asker, char *ret, size_t size, struct error *err)
{
	static const char *const prefixes[] = {
		[LIFE_RUN] = "_run-", [LIFE_CONTAINER] = "_container-"
	};
	const char *chosen = asker->state_name;

	if (offer->class.life != LIFE_NAMED) {
		(void)snprintf(ret, size, "%s%s-%s", prefixes[offer->class.life], asker->id,
			       offer->device);
		return 0;
	}
	for (size_t i = 0; chosen != NULL && i < offers->count; i++) {
		if (offers->list[i].class.life == LIFE_NAMED)
			return error_say(
				err, EINVAL,
				"class %s: one name was chosen for the states of two vTPMs",
				offer->class.name);
	}
	if (chosen != NULL)
		(void)snprintf(ret, size, "%s", chosen);
	else
		(void)snprintf(ret, size, "%s.%s", offer->class.name, offer->device);
	if (!state_name_is_valid(ret))
		return error_say(err, EINVAL, "class %s: '%s' is not a state's name",
				 offer->class.name, ret);
	return 0;
}

static int choose_anchor(struct offer *offer, const struct offer_asker *asker, struct error *err)
{
	int r = anchor_find(asker->id, asker->bundle, asker->rootfs, offer->anchor, err);

	return r < 0 ? error_prefix(err, r, "class %s", offer->class.name) : 0;
}

/*
 * Sets STATE_ROOT/OWNER/NAME, so that no owner reaches another one's states, and resolves its
 * links: a state is found and removed by this path, which must equal the path in leases.
 */
static int place_state(const struct offers *offers, struct offer *offer, const char *name,
		       struct error *err)
{
	char path[PATH_MAX];
	bool exists;
	int r = -ENAMETOOLONG;

	if (snprintf(path, sizeof(path), "%s/%s/%s", offer->class.state_root, offers->owner,
		     name) >= (int)sizeof(path))
		return error_set(err, -r, "class %s: stateRoot", offer->class.name);
	r = state_path_resolve(path, offer->state_path, &exists, err);
	return r < 0 ? error_prefix(err, r, "class %s: stateRoot", offer->class.name) : 0;
}

static int choose_state(const struct offers *offers, struct offer *offer,
			const struct offer_asker *asker, struct error *err)
{
	char name[NAME_MAX + 1];
	int r;

	if (class_is_running_vtpm(&offer->class))
		return 0;
	if (class_is_in_memory(&offer->class)) {
		(void)strcpy(offer->state_path, offer->class.state_root);
		return 0;
	}
	r = name_state(offers, offer, asker, name, sizeof(name), err);
	if (r == 0 && offer->class.life == LIFE_CONTAINER)
		r = choose_anchor(offer, asker, err);
	return r < 0 ? r : place_state(offers, offer, name, err);
}

/* --- offers ---------------------------------------------------------------------------------- */

static int fill(const struct offers *offers, struct offer *offer, const struct offer_asker *asker,
		struct error *err)
{
	const char *state_path;
	int r = choose_state(offers, offer, asker, err);

	if (r < 0)
		return r;
	state_path = offer->state_path[0] != '\0' ? offer->state_path : NULL;
	offer->entry =
		class_entry(&offer->class, offer->device, state_path, asker->uid, asker->gid);
	offer->claim =
		(struct class_claim){ .class = offer->class.name,
				      .device = offer->request->device,
				      .owner = offers->owner,
				      .digest = offer->class.digest,
				      .max = offer->class.max,
				      .max_states = offer->class.max_states,
				      .per_namespace = offer->class.per_namespace,
				      .kept = offer->class.life != LIFE_RUN,
				      .anchor = offer->anchor[0] != '\0' ? offer->anchor : NULL };
	return offer->entry != NULL ? 0 : error_set(err, ENOMEM, "class %s", offer->class.name);
}

static void name_owner(const struct offer_asker *asker, char owner[static OWNER_LEN + 1])
{
	if (asker->name_space != NULL)
		(void)snprintf(owner, OWNER_LEN + 1, "%s", asker->name_space);
	else
		(void)snprintf(owner, OWNER_LEN + 1, "root.%s", asker->hash);
}

int offers_new(const char *dir, const struct class_requests *requests,
	       const struct offer_asker *asker, offer_name_taken *taken, const void *context,
	       struct offers **ret, struct error *err)
{
	cleanup_with(offers_freep) struct offers *offers = calloc(1, sizeof(*offers));

	if (offers == NULL)
		return error_set(err, ENOMEM, "read the classes");
	offers->requests = *requests;
	name_owner(asker, offers->owner);
	for (size_t i = 0; i < requests->count; i++) {
		struct offer *offer = &offers->list[i];
		int r;

		offer->request = &offers->requests.list[i];
		r = read_class(dir, offer->request, asker, &offer->class, err);
		if (r < 0)
			return r;
		choose_device(offers, offer, taken, context);
		r = fill(offers, offer, asker, err);
		offers->count++;
		if (r < 0)
			return r;
	}
	*ret = take_ptr(offers);
	return 0;
}

void offers_free(struct offers *offers)
{
	if (offers == NULL)
		return;
	for (size_t i = 0; i < offers->count; i++) {
		class_done(&offers->list[i].class);
		json_decref(offers->list[i].entry);
	}
	free(offers);
}

int offers_add_entries(const struct offers *offers, const struct admin_config *admin,
		       struct vtpm_entry **entries, size_t *count, struct error *err)
{
	struct vtpm_entry *all = reallocarray(*entries, *count + offers->count + 1, sizeof(*all));

	if (all == NULL)
		return error_set(err, ENOMEM, "read the classes");
	*entries = all;
	for (size_t i = 0; i < offers->count; i++) {
		const struct offer *offer = &offers->list[i];
		int r = vtpm_entry_parse(offer->entry, admin, &all[*count], err);

		for (size_t j = 0; r == 0 && j < *count; j++)
			r = vtpm_entry_differs(&all[*count], &all[j], err);
		if (r < 0)
			return error_prefix(err, r, "class %s", offer->class.name);
		all[(*count)++].claim = &offer->claim;
	}
	return 0;
}
