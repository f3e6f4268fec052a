/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The watcher of this host: one process, which the first lease that needs it starts and which ends
 * with the last. It holds no TPM, listens to nobody, and has one capability. On cgroup v2 it
 * follows what others change of a container:
 * - its limits: the kernel tells of that, and the watcher gives its servers the same;
 * - its device rules, under crun, which attaches a new program when a container is updated with a
 *   list of devices. The kernel tells nobody: the watcher asks a few times a second which programs
 *   are attached, for which it has the capability, and has the rules made again.
 */
#ifndef VTPM_RUNTIME_LIFE_WATCH_H
#define VTPM_RUNTIME_LIFE_WATCH_H

#include <stdbool.h>
#include <sys/types.h>

struct error;
struct lease;
struct lease_book;
struct process;

/* Whether LEASE, whose groups are noted, needs it. */
bool watch_is_needed(const struct lease *lease);

/*
 * Starts the watcher of RUN_DIR unless there is one, for the container with the first process INIT,
 * whose runtime is the caller's parent (0: it is not). The caller has the book open.
 */
int watch_start(const char *run_dir, const struct process *init, struct error *err);

/* Starts it again where a lease of BOOK, that of RUN_DIR, needs one and there is none. */
int watch_resume(const char *run_dir, struct lease_book *book, struct error *err);

/*
 * Runs as the watcher until no lease needs one. Takes over LOCK_FD, whose lock allows only one
 * watcher, and INIT_FD (-1: none), a pidfd. A runtime that waits for all its children (crun run)
 * would wait for ever for a watcher that it has adopted: one whose parent is RUNTIME therefore ends
 * with the process INIT_FD.
 */
int watch_run(const char *run_dir, int lock_fd, int init_fd, pid_t runtime, struct error *err);

/* Makes the rules again for every container whose runtime forgets them. */
int watch_restore(const char *run_dir, struct error *err);

#endif
