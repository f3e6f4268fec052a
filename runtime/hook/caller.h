/* SPDX-License-Identifier: BSD-3-Clause */
/* What the hook takes over from the runtime that called it. */
#ifndef VTPM_RUNTIME_HOOK_CALLER_H
#define VTPM_RUNTIME_HOOK_CALLER_H

/* Takes over its standard error if ours is /dev/null, and its credentials if we have none. */
void caller_borrow(void);

#endif
