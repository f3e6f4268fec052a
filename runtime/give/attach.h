/* SPDX-License-Identifier: BSD-3-Clause */
/* Gives vTPMs to a running container, and takes them back while it runs. */
#ifndef VTPM_RUNTIME_GIVE_ATTACH_H
#define VTPM_RUNTIME_GIVE_ATTACH_H

struct class_request;
struct error;
struct hook;
struct lease;

/*
 * Gives the container ID under the hook's root vTPMs of all of the hook's classes, or none. They
 * end with its first process. *RET tells what it got; the caller frees it.
 */
int container_attach(const struct hook *hook, const char *id, struct lease **ret,
		     struct error *err);

/*
 * Takes back a vTPM that was attached, named by the device that was asked for or given. Its numbers
 * stay reserved until the container has ended, as it may know them. -ENOENT: there is none.
 */
int container_detach(const struct hook *hook, const char *id, const struct class_request *request,
		     struct error *err);

#endif
