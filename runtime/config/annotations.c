/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/config/annotations.h"

#include <errno.h>
#include <string.h>

#include "runtime/config/request.h"
#include "util/error.h"

/* The longest class list accepted; longer than any valid one. */
#define TEXT_MOST 2048

#define NAMESPACE_LEN 63

struct engine_keys {
	const char *type, *name_space, *container, *image;
	const char *image_ref; /* the image's id or digest; NULL: the engine does not provide it */
	const char *engine;
};

static const struct engine_keys keys_of[] = {
	[CRI_CONTAINERD] = { "io.kubernetes.cri.container-type",
			     "io.kubernetes.cri.sandbox-namespace",
			     "io.kubernetes.cri.container-name", "io.kubernetes.cri.image-name",
			     NULL, "containerd" },
	[CRI_CRIO] = { "io.kubernetes.cri-o.ContainerType", "io.kubernetes.cri-o.Namespace",
		       "io.kubernetes.container.name", "io.kubernetes.cri-o.ImageName",
		       "io.kubernetes.cri-o.ImageRef", "cri-o" },
};

/* *RET is NULL when the annotation is absent. */
static int text_of(json_t *annotations, const char *key, const char **ret, struct error *err)
{
	json_t *value = json_object_get(annotations, key);

	*ret = NULL;
	if (value == NULL)
		return 0;
	if (!json_is_string(value))
		return error_say(err, EINVAL, "annotation %.64s is not a string", key);
	if (json_string_length(value) > TEXT_MOST)
		return error_say(err, EINVAL, "annotation %.64s is longer than %d characters", key,
				 TEXT_MOST);
	*ret = json_string_value(value);
	return 0;
}

static int check_object(json_t *annotations, struct error *err)
{
	if (annotations == NULL || json_is_null(annotations) || json_is_object(annotations))
		return 0;
	return error_say(err, EINVAL, "annotations is not an object");
}

/* The namespace becomes part of a path, so only names that Kubernetes allows pass. */
static int check_namespace(const char *name, struct error *err)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

	if (name == NULL || (name[0] != '\0' && strlen(name) <= NAMESPACE_LEN &&
			     strspn(name, allowed) == strlen(name)))
		return 0;
	return error_say(err, EINVAL, "the pod's namespace is not a name of Kubernetes");
}

int annotations_identity(json_t *annotations, enum cri_engine engine, struct identity *ret,
			 struct error *err)
{
	const struct engine_keys *keys = &keys_of[engine];
	struct identity identity = { 0 };
	const char *type = NULL;
	int r;

	r = check_object(annotations, err);
	if (r == 0 && engine != CRI_NONE) {
		r = text_of(annotations, keys->type, &type, err);
		if (r == 0)
			r = text_of(annotations, keys->name_space, &identity.name_space, err);
		if (r == 0)
			r = text_of(annotations, keys->container, &identity.container, err);
		if (r == 0)
			r = check_namespace(identity.name_space, err);
	}
	if (r < 0)
		return r;
	identity.sandbox = type != NULL && strcmp(type, "sandbox") == 0;
	*ret = identity;
	return 0;
}

const char *cri_engine_name(enum cri_engine engine)
{
	return keys_of[engine].engine;
}

int annotations_image(json_t *annotations, enum cri_engine engine, struct image_names *ret,
		      struct error *err)
{
	int r = check_object(annotations, err);

	*ret = (struct image_names){ 0 };
	if (r < 0 || engine == CRI_NONE)
		return r;
	r = text_of(annotations, keys_of[engine].image, &ret->reference, err);
	if (r == 0 && keys_of[engine].image_ref != NULL)
		r = text_of(annotations, keys_of[engine].image_ref, &ret->ref, err);
	return r;
}

/* *RET gets the text that applies to this container alone. */
static int own_text(json_t *annotations, const struct identity *identity, const char **ret,
		    struct error *err)
{
	size_t len = strlen(ANNOTATION_CONTAINER);
	const char *key;
	json_t *value;

	*ret = NULL;
	json_object_foreach(annotations, key, value)
	{
		if (strncmp(key, ANNOTATION_CONTAINER, len) != 0)
			continue;
		if (identity->container == NULL)
			return error_say(err, EINVAL,
					 "annotation " ANNOTATION_CONTAINER
					 "NAME: this engine does not say what the container is "
					 "called; use " ANNOTATION_CLASS);
		if (strcmp(key + len, identity->container) == 0)
			return text_of(annotations, key, ret, err);
	}
	return 0;
}

int annotations_requests(json_t *annotations, const struct identity *identity,
			 struct class_requests *requests, struct error *err)
{
	const char *text = NULL, *own = NULL;
	int r;

	r = check_object(annotations, err);
	if (r == 0)
		r = own_text(annotations, identity, &own, err);
	if (r == 0)
		r = text_of(annotations, ANNOTATION_CLASS, &text, err);
	if (own != NULL)
		text = own;
	if (r < 0 || text == NULL)
		return r;
	r = class_requests_add(requests, text, true, err);
	return r < 0 ? error_prefix(err, r, "annotation %s",
				    own != NULL ? ANNOTATION_CONTAINER "NAME" : ANNOTATION_CLASS)
		     : 0;
}

int annotations_state_name(json_t *annotations, const char **ret, struct error *err)
{
	int r;

	r = check_object(annotations, err);
	if (r == 0)
		r = text_of(annotations, ANNOTATION_NAME, ret, err);
	if (r == 0 && *ret != NULL && !state_name_is_valid(*ret))
		return error_say(err, EINVAL,
				 "annotation " ANNOTATION_NAME ": a state's name is a lower-case "
				 "letter or digit and at most %d more of those, '.', '_' and '-'",
				 STATE_NAME_LEN - 1);
	return r;
}

bool annotation_has_nonce(const char *note, const char *nonce)
{
	const size_t len = strlen(nonce);

	return note != NULL && strcspn(note, " ") == len && strncmp(note, nonce, len) == 0;
}
