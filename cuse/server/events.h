/* SPDX-License-Identifier: BSD-3-Clause */
/* What a server watches besides its device: the signals that end it, and its clock. */
#ifndef VTPM_CUSE_SERVER_EVENTS_H
#define VTPM_CUSE_SERVER_EVENTS_H

struct error;
struct vtpm;

/* The interval, in seconds, of checks of the state when nothing else needs the clock. */
#define EVENTS_CHECK_SECONDS 3

/* From now on a signal ends the vTPM in order instead of killing the process. */
int events_watch(struct vtpm *vtpm, struct error *err);

#endif
