/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Word to the service manager, as sd_notify(3) describes the protocol.
 */
#ifndef VTPM_UTIL_NOTIFY_H
#define VTPM_UTIL_NOTIFY_H

/*
 * Connects to $NOTIFY_SOCKET, so that its path need not be in reach later. *RET is -1, and 0
 * returned, where there is no manager to tell.
 */
int notify_open(int *ret);

/* Sends STATE ("READY=1"); does nothing when FD is -1. */
int notify_send(int fd, const char *state);

#endif
