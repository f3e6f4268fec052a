/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the kernel shows of all vTPMs of the host, hidden from one container.
 */
#ifndef VTPM_RUNTIME_MASK_H
#define VTPM_RUNTIME_MASK_H

#include <stddef.h>

struct error;

/*
 * Covers the names of vTPMs in the /proc and /sys beneath ROOTFS, a directory in the mount
 * namespace of the calling thread. What has other things in it as well is covered by a copy without
 * vTPMs, as of now.
 */
int mask_names(int rootfs, struct error *err);

/* Takes the lines of vTPMs out of the text of /proc/devices. Pure. */
void mask_devices_text(char *text);

#endif
