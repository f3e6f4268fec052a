/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What users may call devices.
 */
#ifndef VTPM_RUNTIME_CONFIG_DEVICE_NAME_H
#define VTPM_RUNTIME_CONFIG_DEVICE_NAME_H

#include <stdbool.h>

#define VTPM_NAME_LEN 48

/*
 * Whether NAME, of whatever length, is letters, digits, '.', '_' and '-', not '.' first: what the
 * kernel, sysfs and udev take without quoting.
 */
bool device_name_is_plain(const char *name);

#endif
