/* SPDX-License-Identifier: BSD-3-Clause */
/* vtpm-runtime's create and run, which enter the hook into config.json, and restore. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "runtime/config/bundle.h"
#include "runtime/config/members.h"
#include "runtime/config/own_hook.h"
#include "runtime/front/edit.h"
#include "runtime/front/front.h"
#include "runtime/host/host_root.h"
#include "runtime/lease/lease.h"
#include "runtime/lease/open.h"
#include "util/cleanup.h"
#include "util/error.h"

#define HOOK SBINDIR "/vtpm-hook"

/* A create that is under way. */
struct creating {
	const struct front *front;
	struct runtime_root root;
	struct asking asking;
	char nonce[LEASE_NONCE_LEN + 1];
	struct lease *lease; /* NULL: it has none yet */
};

static const char *bundle_of(const struct front *front)
{
	return front->arguments.bundle != NULL ? front->arguments.bundle : ".";
}

static int make_nonce(char nonce[static LEASE_NONCE_LEN + 1], struct error *err)
{
	uint64_t number;

	if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
		return error_set(err, errno, "get a random number");
	(void)snprintf(nonce, LEASE_NONCE_LEN + 1, "%016" PRIx64, number);
	return 0;
}

static json_t *make_words(const struct creating *creating)
{
	const struct front *front = creating->front;
	cleanup_json json_t *words =
		json_pack("[o, o, o, o, s]", json_sprintf("--root=%s", creating->root.path),
			  json_sprintf("--config=%s", front->config),
			  json_sprintf("--class-dir=%s", front->class_dir),
			  json_sprintf("--run-dir=%s", front->run_dir), "--annotations");

	if (words == NULL || own_hook_add_classes(words, &front->own.classes) < 0)
		return NULL;
	return take_ptr(words);
}

static int enter(const struct creating *creating, const char *text, char **ret, struct error *err)
{
	const struct lease *lease = creating->lease;
	cleanup_json json_t *words = make_words(creating);
	cleanup_free struct device_number *numbers =
		calloc(lease->count + 1, VTPM_NODES_MOST * sizeof(*numbers));
	struct edit edit = {
		.program = HOOK, .words = words, .nonce = creating->nonce, .numbers = numbers
	};

	if (words == NULL || numbers == NULL)
		return error_set(err, ENOMEM, "enter the hook");
	edit.count = lease_numbers(lease, numbers);
	return edit_text(text, &edit, ret, err);
}

/* For a container that no longer asks for vTPMs. */
static int take_out(const char *text, json_t *json, char **ret, struct error *err)
{
	const struct edit nothing = { .program = HOOK };

	return edit_is_entered(json, HOOK) ? edit_text(text, &nothing, ret, err) : 0;
}

/* Whether linux.resources.vtpms has entries. */
static bool has_entries(json_t *json)
{
	static const char *const path[] = { "linux", "resources", "vtpms" };

	for (size_t i = 0; json != NULL && i < sizeof(path) / sizeof(path[0]); i++) {
		json_t *inner = NULL;

		if (member_find(json, path[i], &inner, NULL) < 0)
			return false;
		json = inner;
	}
	return json_array_size(json) > 0;
}

static int lease_and_enter(struct creating *creating, const char *text, char **ret,
			   struct error *err)
{
	const struct front *front = creating->front;
	int r;

	if (front->arguments.config != NULL)
		return error_say(err, EINVAL,
				 "--config: a container with vTPMs needs its bundle's config.json");
	r = host_root_check(err);
	if (r == 0)
		r = make_nonce(creating->nonce, err);
	if (r == 0)
		r = front_lease(front, &creating->root, &creating->asking, text, creating->nonce,
				&creating->lease, err);
	return r < 0 ? r : enter(creating, text, ret, err);
}

/* 1: the container asks for vTPMs. */
static int read_asking(struct creating *creating, json_t *json, struct error *err)
{
	struct asking *asking = &creating->asking;
	int r;

	r = front_root(creating->front, &creating->root, err);
	if (r == 0)
		r = front_asking(creating->front, json, &creating->root, asking, err);
	if (r < 0)
		return r;
	return !asking->identity.sandbox && (asking->requests.count > 0 || has_entries(json));
}

static int change(const char *text, void *context, char **ret, struct error *err)
{
	struct creating *creating = context;
	cleanup_json json_t *json = NULL;
	int r;

	*ret = NULL;
	r = object_parse(text, strlen(text), &json, err);
	if (r == 0)
		r = read_asking(creating, json, err);
	if (r == 0)
		r = take_out(text, json, ret, err);
	else if (r == 1)
		r = lease_and_enter(creating, text, ret, err);
	return r;
}

/* The lease stays open when this process becomes the runtime. */
int front_create(struct front *front, struct error *err)
{
	struct creating creating = { .front = front };
	int r;

	/* The runtime reports that the id is missing. */
	if (front->arguments.id == NULL)
		return 0;
	r = bundle_change(bundle_of(front), change, &creating, err);
	if (r < 0 && creating.lease != NULL)
		open_lease_cancel(front->run_dir, creating.lease);
	free(creating.lease);
	return r;
}

static int refuse(const char *text, void *context, char **ret, struct error *err)
{
	struct creating creating = { .front = context };
	cleanup_json json_t *json = NULL;
	int r;

	*ret = NULL;
	r = object_parse(text, strlen(text), &json, err);
	if (r == 0)
		r = read_asking(&creating, json, err);
	if (r < 0 || (r == 0 && !edit_is_entered(json, HOOK)))
		return r;
	return error_say(err, EOPNOTSUPP, "a container with vTPMs cannot be restored");
}

int front_restore(struct front *front, struct error *err)
{
	return bundle_change(bundle_of(front), refuse, front, err);
}
