/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Owner and mode of a device where udev runs: udev's rules set both right after the device is made,
 * and again at each trigger.
 */
#ifndef VTPM_CUSE_SERVER_UDEV_H
#define VTPM_CUSE_SERVER_UDEV_H

#include <stdint.h>
#include <sys/types.h>

struct error;
struct node_options;

/*
 * Call it before the device is made: writes the wanted owner and mode to a file that our udev rule
 * reads. Does nothing when none is wanted or udev does not run.
 */
int udev_announce(const struct node_options *options, struct error *err);

/* Removes that file, if there is one. */
void udev_forget(const struct node_options *options);

/*
 * Waits until udev has handled the device DEV, which was made after SINCE (monotonic_ms()), and
 * sets its owner and mode once more. By then udev keeps both in its own record, so the file is
 * removed. -EIO: owner or mode do not stay.
 */
int udev_wait(const struct node_options *options, dev_t dev, int64_t since, struct error *err);

/*
 * Reads from the text of udev's record of a device (/run/udev/data) when udev first handled it, as
 * monotonic_ms(); 0: the record does not say. Pure.
 */
int64_t udev_handled_at(const char *record);

#endif
