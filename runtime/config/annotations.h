/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A container's annotations: the identity that its engine sets and the classes that its user
 * chooses. The text is untrusted: users write annotations, and under some engines images do, too.
 */
#ifndef VTPM_RUNTIME_CONFIG_ANNOTATIONS_H
#define VTPM_RUNTIME_CONFIG_ANNOTATIONS_H

#include <jansson.h>
#include <stdbool.h>

struct class_requests;
struct error;

#define ANNOTATION_CLASS "vtpm-cuse.org/class"
#define ANNOTATION_NAME "vtpm-cuse.org/name"
#define ANNOTATION_LEASE "vtpm-cuse.org/lease" /* written by vtpm-runtime; it chooses nothing */
#define ANNOTATION_CONTAINER "container.vtpm-cuse.org/"

/* The engine that sets the annotations, known by the runtime's root. Only these set their own. */
enum cri_engine {
	CRI_NONE, /* none is trusted: every annotation is the user's */
	CRI_CONTAINERD,
	CRI_CRIO,
};

/* Borrowed from the annotations; NULL: not known. */
struct identity {
	bool sandbox; /* the pause container of a pod */
	const char *name_space, *container;
};

/* ANNOTATIONS may be NULL or null. -EINVAL: an annotation that ENGINE sets is malformed. Pure. */
int annotations_identity(json_t *annotations, enum cri_engine engine, struct identity *ret,
			 struct error *err);

/* The image's names as ENGINE provides them, borrowed; NULL: no trustworthy one. */
struct image_names {
	const char *reference; /* the name by which it was requested */
	const char *ref;       /* 64 hex digits, the image's id, or NAME@sha256:DIGEST */
};

int annotations_image(json_t *annotations, enum cri_engine engine, struct image_names *ret,
		      struct error *err);

/* "containerd" or "cri-o"; NULL: none is known. */
const char *cri_engine_name(enum cri_engine engine);

/* Adds the chosen classes. A choice for this container overrides the choice for its pod. Pure. */
int annotations_requests(json_t *annotations, const struct identity *identity,
			 struct class_requests *requests, struct error *err);

/* *RET gets the state name that the user chose, or NULL. Pure. */
int annotations_state_name(json_t *annotations, const char **ret, struct error *err);

/*
 * Whether NOTE, the text of ANNOTATION_LEASE or NULL, was written with NONCE, with which it begins.
 * Pure.
 */
bool annotation_has_nonce(const char *note, const char *nonce);

#endif
