/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Owner and mode of a device where udev runs: its rules set them again right after the device is
 * made, and whenever somebody triggers them.
 */
#ifndef VTPM_CUSE_SERVER_UDEV_H
#define VTPM_CUSE_SERVER_UDEV_H

#include <stdint.h>
#include <sys/types.h>

struct error;
struct node_options;

/*
 * Before the device is made: writes down what is wanted of it where our rule reads it. Does nothing
 * where nothing is wanted or udev does not run.
 */
int udev_announce(const struct node_options *options, struct error *err);

/* Removes that; there need not be any. */
void udev_forget(const struct node_options *options);

/*
 * Waits until udev has handled the device DEV, which was made after SINCE (monotonic_ms()), and
 * sets its owner and mode once more. What was written down is in udev's own record of the device
 * then, and removed. -EIO when they do not stay.
 */
int udev_wait(const struct node_options *options, dev_t dev, int64_t since, struct error *err);

/*
 * When udev has first handled a device (as monotonic_ms()), by the text of its record
 * (/run/udev/data); 0 when it does not say. Pure.
 */
int64_t udev_handled_at(const char *record);

#endif
