/* SPDX-License-Identifier: BSD-3-Clause */
/* vtpm-runtime's create, run and restore: the hook goes into config.json, or it is refused. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "runtime/config/bundle.h"
#include "runtime/config/members.h"
#include "runtime/front/edit.h"
#include "runtime/front/front.h"
#include "runtime/offer.h"
#include "util/cleanup.h"
#include "util/error.h"

#define HOOK SBINDIR "/vtpm-hook"
#define NONCE_LEN 16

static const char *bundle_of(const struct front *front)
{
	return front->arguments.bundle != NULL ? front->arguments.bundle : ".";
}

/* What is wrong is said here, where the engine shows it: some show nothing of what a hook says. */
static int check(const struct front *front, const struct asking *asking,
		 const struct runtime_root *root, struct error *err)
{
	const struct offer_asker asker = { .root = root->path,
					   .hash = root->hash,
					   .name_space = asking->identity.name_space,
					   .state_name = asking->state_name };

	if (front->arguments.config != NULL)
		return error_say(err, EINVAL,
				 "--config: a container with vTPMs needs its bundle's config.json");
	return offers_check(front->class_dir, &asking->requests, &asker, err);
}

static int make_nonce(char nonce[static NONCE_LEN + 1], struct error *err)
{
	uint64_t number;

	if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
		return error_set(err, errno, "get a random number");
	(void)snprintf(nonce, NONCE_LEN + 1, "%016" PRIx64, number);
	return 0;
}

static json_t *make_words(const struct front *front)
{
	const struct class_requests *classes = &front->own.classes;
	cleanup_json json_t *words =
		json_pack("[o, o, o, s]", json_sprintf("--config=%s", front->config),
			  json_sprintf("--class-dir=%s", front->class_dir),
			  json_sprintf("--run-dir=%s", front->run_dir), "--annotations");

	for (size_t i = 0; words != NULL && i < classes->count; i++) {
		const struct class_request *one = &classes->list[i];

		if (json_array_append_new(words, json_sprintf("--class=%s%s%s", one->class,
							      one->device[0] != '\0' ? ":" : "",
							      one->device)) < 0)
			return NULL;
	}
	return take_ptr(words);
}

static int enter(const struct front *front, const char *text, char **ret, struct error *err)
{
	cleanup_json json_t *words = make_words(front);
	char nonce[NONCE_LEN + 1];
	const struct edit edit = { .program = HOOK, .words = words, .nonce = nonce };
	int r;

	if (words == NULL)
		return error_set(err, ENOMEM, "enter the hook");
	r = make_nonce(nonce, err);
	return r < 0 ? r : edit_text(text, &edit, ret, err);
}

/* Those that somebody has written into linux.resources.vtpms. */
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

static int change(const char *text, void *context, char **ret, struct error *err)
{
	const struct front *front = context;
	cleanup_json json_t *json = NULL;
	struct runtime_root root;
	struct asking asking;
	int r;

	*ret = NULL;
	r = object_parse(text, strlen(text), &json, err);
	if (r == 0)
		r = front_root(front, &root, err);
	if (r == 0)
		r = front_asking(front, json, &root, &asking, err);
	if (r < 0 || asking.identity.sandbox || (asking.requests.count == 0 && !has_entries(json)))
		return r;
	r = check(front, &asking, &root, err);
	return r < 0 ? r : enter(front, text, ret, err);
}

int front_create(struct front *front, struct error *err)
{
	return bundle_change(bundle_of(front), change, front, err);
}

static int refuse(const char *text, void *context, char **ret, struct error *err)
{
	const struct front *front = context;
	cleanup_json json_t *json = NULL;
	json_t *annotations = NULL;
	struct runtime_root root;
	struct asking asking;
	int r;

	*ret = NULL;
	r = object_parse(text, strlen(text), &json, err);
	if (r == 0)
		r = member_find(json, "annotations", &annotations, err);
	if (r == 0)
		r = front_root(front, &root, err);
	if (r == 0)
		r = front_asking(front, json, &root, &asking, err);
	if (r < 0)
		return r;
	if (asking.requests.count == 0 && json_object_get(annotations, ANNOTATION_LEASE) == NULL)
		return 0;
	return error_say(err, EOPNOTSUPP, "a container with vTPMs cannot be restored");
}

int front_restore(struct front *front, struct error *err)
{
	return bundle_change(bundle_of(front), refuse, front, err);
}
