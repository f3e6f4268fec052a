/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Detects a real runtime that calls vtpm-runtime again, directly or through other programs, which
 * would never end. The mark must be invisible to that runtime: not in its arguments, environment or
 * descriptors.
 */
#ifndef VTPM_RUNTIME_FRONT_AGAIN_H
#define VTPM_RUNTIME_FRONT_AGAIN_H

struct error;

/*
 * -ELOOP: TARGET, the runtime to call, has called us: this process was vtpm-runtime before, or its
 * parent is TARGET.
 */
int again_check(const char *target, struct error *err);

/* Called before this process becomes the real runtime: again_check() recognizes it from then on. */
void again_mark(void);

#endif
