/* SPDX-License-Identifier: BSD-3-Clause */
/* Hands the event log of a vTPM into a container that was made but not started. */
#ifndef VTPM_RUNTIME_INSIDE_EVENT_LOG_H
#define VTPM_RUNTIME_INSIDE_EVENT_LOG_H

#include <stddef.h>

struct error;

struct handed_log {
	char name[80]; /* of the file in the container's /dev/vtpm */
	char *bytes;   /* NULL: there is none */
	size_t len;
};

/*
 * Makes the file, for all to read, in the container's /dev, which DEV is. A /dev that is no tmpfs
 * may be the image's own: nothing is made there.
 */
int event_log_put(int dev, const struct handed_log *log, struct error *err);

#endif
