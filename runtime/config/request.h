/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a user asks for: classes by name, and what their devices are to be called; which names
 * there can be.
 */
#ifndef VTPM_RUNTIME_CONFIG_REQUEST_H
#define VTPM_RUNTIME_CONFIG_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

struct error;

#define VTPM_NAME_LEN 48
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

/*
 * Whether NAME, of whatever length, is letters, digits, '.', '_' and '-', not '.' first: what the
 * kernel, sysfs and udev take without quoting.
 */
bool device_name_is_plain(const char *name);

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
