/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Limits the threads and processes that work within a container to system calls for mounts and
 * nodes, so that neither a mistake nor a hostile container makes more of a process of root.
 */
#ifndef VTPM_RUNTIME_INSIDE_CONFINE_H
#define VTPM_RUNTIME_INSIDE_CONFINE_H

struct error;

/* What is said of a thread or process that has made another one. */
#define INSIDE_WAS_ENDED "it was ended, as it made a system call that it may not make"

/*
 * Leaves the calling thread the system calls of inside.syscalls; another one ends it. The others of
 * its process have what they had. Without a filter in the kernel, nothing.
 */
int inside_confine(struct error *err);

#endif
