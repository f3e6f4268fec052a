/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Work in a thread with a file system context of its own, for what cannot be undone in ours:
 * another root, another mount namespace, another umask. Memory and descriptors are shared.
 */
#ifndef VTPM_RUNTIME_INSIDE_OWN_THREAD_H
#define VTPM_RUNTIME_INSIDE_OWN_THREAD_H

struct error;

/* Runs WORK(ARG) and waits for it; its result and its sentence become ours. -EIO: its
 * filter of system calls has ended it. */
int run_in_own_thread(int (*work)(const void *arg, struct error *err), const void *arg,
		      struct error *err);

#endif
