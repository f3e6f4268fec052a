/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Runs work that may never return in a child: it accesses a file system that a container serves,
 * and which answers when it likes.
 */
#ifndef VTPM_RUNTIME_INSIDE_OWN_CHILD_H
#define VTPM_RUNTIME_INSIDE_OWN_CHILD_H

#include <stddef.h>

struct error;

typedef int own_child_work(const void *arg, void *data, struct error *err);

/*
 * Has WORK done in a child that has none of our descriptors, and so none of our locks. Its result
 * and its sentence become ours, and the SIZE bytes of DATA what it made of them. -ETIMEDOUT: it was
 * given up after MS milliseconds. It ends as soon as the kernel lets it, and does not come back to
 * WORK. The caller has no other thread.
 */
int run_in_own_child(own_child_work *work, const void *arg, void *data, size_t size, int ms,
		     struct error *err);

#endif
