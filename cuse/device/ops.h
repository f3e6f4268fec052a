/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * FUSE requests translated to calls of the device, and its answers translated back.
 */
#ifndef VTPM_CUSE_DEVICE_OPS_H
#define VTPM_CUSE_DEVICE_OPS_H

#include <cuse_lowlevel.h>

#include "cuse/device/device.h"

/* For a session whose user data is a struct node. */
extern const struct cuse_lowlevel_ops node_ops;

/* Fills in the answers that are FUSE's; relieve and start_ticks are the caller's. */
void ops_set_answers(struct device_answers *answers);

#endif
