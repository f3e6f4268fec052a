/* SPDX-License-Identifier: BSD-3-Clause */
/* The step between starting and serving: gives up for good what only the start needed. */
#ifndef VTPM_CUSE_SERVER_CONFINE_H
#define VTPM_CUSE_SERVER_CONFINE_H

struct error;
struct settings;
struct vtpm;

/* Checks that the kernel has what the settings ask for, before anything is changed. */
int confine_check(const struct settings *settings, struct error *err);

/*
 * Makes the threads of an open vTPM and limits them to what serving needs: its user, no capability,
 * the files of its state, the system calls of server.syscalls. Logs each limit that this kernel
 * lacks.
 */
int confine(struct vtpm *vtpm, struct error *err);

#endif
