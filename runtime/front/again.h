/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A real runtime that calls vtpm-runtime again, itself or by other programs, which would have no
 * end. What it has of us to tell it by it must not see: not in its words, its environment or its
 * descriptors.
 */
#ifndef VTPM_RUNTIME_FRONT_AGAIN_H
#define VTPM_RUNTIME_FRONT_AGAIN_H

struct error;

/*
 * -ELOOP when TARGET, the runtime to call, has called us: this process has been us before, or its
 * parent is TARGET.
 */
int again_check(const char *target, struct error *err);

/* Before this process becomes the real runtime: again_check() knows it from here on. */
void again_mark(void);

#endif
