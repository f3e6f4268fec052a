/* SPDX-License-Identifier: BSD-3-Clause */
/* Hides from one container what sysfs shows of all vTPMs of the host. */
#ifndef VTPM_RUNTIME_INSIDE_MASK_H
#define VTPM_RUNTIME_INSIDE_MASK_H

struct error;

/* ROOTFS is a directory in the mount namespace of the calling thread. */
int mask_names(int rootfs, struct error *err);

#endif
