/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All descriptors of this process at once.
 */
#ifndef VTPM_UTIL_DESCRIPTORS_H
#define VTPM_UTIL_DESCRIPTORS_H

/* Closes FIRST and all that follow. */
void close_from(int first);

/* Keeps FIRST and all that follow from programs that this process starts. */
void close_on_exec_from(int first);

#endif
