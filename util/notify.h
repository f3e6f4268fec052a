/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Word to the service manager, as sd_notify(3) describes the protocol.
 */
#ifndef VTPM_UTIL_NOTIFY_H
#define VTPM_UTIL_NOTIFY_H

/* Sends STATE ("READY=1") to $NOTIFY_SOCKET; without one there is nobody to tell, which is 0. */
int notify_manager(const char *state);

#endif
