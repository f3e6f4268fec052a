/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a user asks for: classes by name, and what their devices are to be called.
 */
#ifndef VTPM_RUNTIME_CONFIG_REQUEST_H
#define VTPM_RUNTIME_CONFIG_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/config/device_name.h"

struct error;

#define CLASS_NAME_LEN 32
#define STATE_NAME_LEN 48
#define REQUESTS_MOST 16

struct class_request {
	char class[CLASS_NAME_LEN + 1];
	char device[VTPM_NAME_LEN + 1]; /* what follows /dev/tpm; "": the lowest free number */
	bool by_annotation;
};

/* One for each (class, device), in the order in which they were asked first. */
struct class_requests {
	struct class_request list[REQUESTS_MOST];
	size_t count;
};

/* [a-z0-9][a-z0-9_.-]{0,31} */
bool class_name_is_valid(const char *name);

/* [a-z0-9][a-z0-9._-]{0,47} */
bool state_name_is_valid(const char *name);

/*
 * Adds what TEXT, CLASS[:DEVICE] or several with commas between, asks for. -EINVAL and a sentence
 * without control characters when it is something else, when there are more than REQUESTS_MOST, or
 * when two classes want one device. REQUESTS is as before then.
 */
int class_requests_add(struct class_requests *requests, const char *text, bool by_annotation,
		       struct error *err);

#endif
