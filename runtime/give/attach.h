/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vTPMs for a container that runs, and taken from it while it runs.
 */
#ifndef VTPM_RUNTIME_GIVE_ATTACH_H
#define VTPM_RUNTIME_GIVE_ATTACH_H

struct class_request;
struct error;
struct hook;
struct lease;

/*
 * Gives the container ID of the hook's root those of the hook's classes, or nothing. They are over
 * with its first process. *RET says what it got; the caller frees it.
 */
int container_attach(const struct hook *hook, const char *id, struct lease **ret,
		     struct error *err);

/*
 * Takes one back that was attached: by the device that was asked for, or that it got. Its numbers
 * stay the container's, which may know them, until that has ended. -ENOENT: there is none.
 */
int container_detach(const struct hook *hook, const char *id, const struct class_request *request,
		     struct error *err);

#endif
