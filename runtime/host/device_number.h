/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The number of a character device.
 */
#ifndef VTPM_RUNTIME_HOST_DEVICE_NUMBER_H
#define VTPM_RUNTIME_HOST_DEVICE_NUMBER_H

#include <stdint.h>

struct device_number {
	uint32_t major, minor;
};

#endif
