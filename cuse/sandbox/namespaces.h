/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Namespaces of a process's own in which there is nothing: no file system, no network, nobody's
 * shared memory or host name.
 */
#ifndef VTPM_CUSE_SANDBOX_NAMESPACES_H
#define VTPM_CUSE_SANDBOX_NAMESPACES_H

struct error;

/* Of clone(2)'s flags. A network namespace takes longer than all others together. */
#define NAMESPACES_DEFAULT "mount,ipc,uts"
#define NAMESPACES_TEXT_SIZE 32

/* "all", "none" or a list as above; *KINDS gets clone(2)'s flags. -EINVAL. */
int namespaces_parse(const char *text, int *kinds, struct error *err);

/* The list for KINDS. */
void namespaces_text(int kinds, char text[static NAMESPACES_TEXT_SIZE]);

/*
 * Moves the calling process, which has no other thread yet, into new namespaces of these KINDS;
 * *MADE gets those that this kernel has and lets us make, which takes CAP_SYS_ADMIN. In a new mount
 * namespace the root directory is empty and read-only. What is open stays open, where it was.
 */
int namespaces_enter(int kinds, int *made, struct error *err);

#endif
