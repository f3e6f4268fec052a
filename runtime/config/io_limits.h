/* SPDX-License-Identifier: BSD-3-Clause */
/* Limits on the use of disks, as in io.max of a v2 control group. */
#ifndef VTPM_RUNTIME_CONFIG_IO_LIMITS_H
#define VTPM_RUNTIME_CONFIG_IO_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IO_DEVICES_MOST 64

/* Bytes and operations per second, each for reading and writing; UINT64_MAX: no limit. */
enum { IO_LIMITS = 4 };

struct io_limit {
	unsigned int major, minor;
	uint64_t most[IO_LIMITS];
};

struct io_limits {
	struct io_limit devices[IO_DEVICES_MOST];
	size_t count;
};

/*
 * Adds the devices in TEXT, an io.max, to LIMITS. With TIGHTEN, lower limits in TEXT replace those
 * that LIMITS have; without, the devices are added unlimited. -EINVAL: TEXT is malformed; -E2BIG:
 * there are too many devices. Pure.
 */
int io_limits_add(struct io_limits *limits, const char *text, bool tighten);

/* Sets the limit with the index WHICH to MOST. -E2BIG: there are too many devices. Pure. */
int io_limits_set(struct io_limits *limits, unsigned int major, unsigned int minor, size_t which,
		  uint64_t most);

/* The line of io.max that sets LIMIT. Pure. */
void io_limit_line(const struct io_limit *limit, char *ret, size_t size);

bool io_limit_is_any(const struct io_limit *limit);

#endif
