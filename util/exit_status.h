/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Exit statuses of the programs, as their manual pages list them.
 */
#ifndef VTPM_UTIL_EXIT_STATUS_H
#define VTPM_UTIL_EXIT_STATUS_H

#include <errno.h>

enum exit_status {
	EXIT_STATUS_FAILURE = 1,
	EXIT_STATUS_USAGE = 2,
	EXIT_STATUS_LOCKED = 3,  /* another process has the state */
	EXIT_STATUS_KEY = 4,     /* a wrong key, a key of the wrong kind, or none */
	EXIT_STATUS_CORRUPT = 5, /* the state does not verify */
	EXIT_STATUS_TAKEN = 6,   /* the name or the dev_t */
	EXIT_STATUS_NO_CUSE = 7, /* no /dev/cuse */
	EXIT_STATUS_NO_VTPM = 8, /* no server of that name */
};

static inline int exit_status(int r)
{
	switch (r) {
	case 0:
		return 0;
	case -EBUSY:
		return EXIT_STATUS_LOCKED;
	case -EKEYREJECTED:
	case -ENOKEY:
		return EXIT_STATUS_KEY;
	case -EBADMSG:
		return EXIT_STATUS_CORRUPT;
	case -EEXIST:
		return EXIT_STATUS_TAKEN;
	case -ENODEV:
		return EXIT_STATUS_NO_CUSE;
	case -ECONNREFUSED:
		return EXIT_STATUS_NO_VTPM;
	default:
		return EXIT_STATUS_FAILURE;
	}
}

#endif
