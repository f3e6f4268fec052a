/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A container's annotations: what its engine says of it, and which classes its user chooses. Their
 * text is anybody's: users write annotations, and so do images under some engines.
 */
#ifndef VTPM_RUNTIME_CONFIG_ANNOTATIONS_H
#define VTPM_RUNTIME_CONFIG_ANNOTATIONS_H

#include <jansson.h>
#include <stdbool.h>

struct class_requests;
struct error;

#define ANNOTATION_CLASS "vtpm-cuse.org/class"
#define ANNOTATION_NAME "vtpm-cuse.org/name"
#define ANNOTATION_LEASE \
	"vtpm-cuse.org/lease" /* what vtpm-runtime has entered; it chooses nothing */
#define ANNOTATION_CONTAINER "container.vtpm-cuse.org/"

/* Whose annotations can be believed, by the runtime's root: only these engines set theirs. */
enum cri_engine {
	CRI_NONE, /* whatever looks like an engine's annotation is a user's */
	CRI_CONTAINERD,
	CRI_CRIO,
};

/* Borrowed from the annotations; NULL: not known. */
struct identity {
	bool sandbox; /* the pause container of a pod */
	const char *name_space, *container;
};

/* ANNOTATIONS may be NULL or null. -EINVAL when what ENGINE sets is not as it sets it. Pure. */
int annotations_identity(json_t *annotations, enum cri_engine engine, struct identity *ret,
			 struct error *err);

/* What ENGINE says of the image, borrowed; NULL: nothing that can be believed. */
struct image_names {
	const char *reference; /* by which it was asked for */
	const char *ref;       /* 64 hex digits, the image's id, or NAME@sha256:DIGEST */
};

int annotations_image(json_t *annotations, enum cri_engine engine, struct image_names *ret,
		      struct error *err);

/* "containerd" or "cri-o"; NULL: none is known. */
const char *cri_engine_name(enum cri_engine engine);

/*
 * Adds the classes that are chosen. What is chosen for this container counts instead of what is
 * chosen for its whole pod. Pure.
 */
int annotations_requests(json_t *annotations, const struct identity *identity,
			 struct class_requests *requests, struct error *err);

/* *RET gets the name that the user gives the state, or NULL. Pure. */
int annotations_state_name(json_t *annotations, const char **ret, struct error *err);

/* Whether NOTE, of ANNOTATION_LEASE or NULL, was written with NONCE, which it begins with. Pure. */
bool annotation_has_nonce(const char *note, const char *nonce);

#endif
