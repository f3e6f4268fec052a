/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Work in a child process, for what cannot be undone in one's own: another mount namespace, another
 * user.
 */
#ifndef VTPM_RUNTIME_IN_CHILD_H
#define VTPM_RUNTIME_IN_CHILD_H

struct error;

/* Runs WORK(ARG) in a child; its result and its sentence become ours. */
int in_child(int (*work)(const void *arg, struct error *err), const void *arg, struct error *err);

#endif
