/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/host/host_root.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/error.h"
#include "util/file.h"

#define EVERYBODY 4294967295UL

bool uid_map_is_of_host(const char *text)
{
	unsigned long inside, outside, count;

	return sscanf(text, "%lu %lu %lu", &inside, &outside, &count) == 3 && inside == 0 &&
	       outside == 0 && count == EVERYBODY;
}

int host_root_check(struct error *err)
{
	cleanup_free char *text = NULL;

	if (geteuid() == 0 &&
	    (read_path("/proc/self/uid_map", 4096, &text, NULL) < 0 || uid_map_is_of_host(text)))
		return 0;
	return error_say(err, EPERM,
			 "only root of the host can make a vTPM for a container; one that runs can "
			 "be handed in with --device");
}
