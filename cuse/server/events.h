/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a server minds besides its device: the signals that end it, and its clock.
 */
#ifndef VTPM_CUSE_SERVER_EVENTS_H
#define VTPM_CUSE_SERVER_EVENTS_H

struct error;
struct vtpm;

/* How often, in seconds, the state is looked at when nothing else wants the clock. */
#define EVENTS_CHECK_SECONDS 3

/* From now on a signal ends the vTPM in order, and no longer the process. */
int events_watch(struct vtpm *vtpm, struct error *err);

#endif
