/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The step between starting and serving: what only the start needed is given up, for good.
 */
#ifndef VTPM_CUSE_SERVER_CONFINE_H
#define VTPM_CUSE_SERVER_CONFINE_H

struct error;
struct settings;
struct vtpm;

/* Whether the settings' means are there, before anything is changed. */
int confine_check(const struct settings *settings, struct error *err);

/*
 * Makes the threads of an open vTPM and leaves to all of them what serving takes: the user, no
 * capability, the files of its state, the system calls of server.syscalls. What this kernel has not
 * is logged.
 */
int confine(struct vtpm *vtpm, struct error *err);

#endif
