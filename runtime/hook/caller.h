/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the hook has of the runtime that called it.
 */
#ifndef VTPM_RUNTIME_HOOK_CALLER_H
#define VTPM_RUNTIME_HOOK_CALLER_H

/* Its standard error where ours goes nowhere, and its credentials where we were given none. */
void caller_borrow(void);

#endif
