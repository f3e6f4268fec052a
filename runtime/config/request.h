/* SPDX-License-Identifier: BSD-3-Clause */
/* A user's request: classes by name, with the names of their devices; and the rules for names. */
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

/* One for each pair of class and device, in the order of their first mention. */
struct class_requests {
	struct class_request list[REQUESTS_MOST];
	size_t count;
};

/*
 * Whether NAME, of any length, has only letters, digits, '.', '_' and '-', and does not begin with
 * '.': the kernel, sysfs and udev take such names without quoting.
 */
bool device_name_is_plain(const char *name);

/* [a-z0-9][a-z0-9_.-]{0,31} */
bool class_name_is_valid(const char *name);

/* [a-z0-9][a-z0-9._-]{0,47} */
bool state_name_is_valid(const char *name);

/*
 * Adds the requests in TEXT, CLASS[:DEVICE] or several with commas between. -EINVAL, with a
 * sentence without control characters: TEXT is malformed, there are more than REQUESTS_MOST, or two
 * classes want one device. REQUESTS stays as it was then.
 */
int class_requests_add(struct class_requests *requests, const char *text, bool by_annotation,
		       struct error *err);

#endif
