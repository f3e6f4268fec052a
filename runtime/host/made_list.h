/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The list of the state directories that were made for containers, which outlasts a reboot: what
 * leases in /run say is gone then. A file for each, by a hash of its path, in LIBDIR/made.
 */
#ifndef VTPM_RUNTIME_HOST_MADE_LIST_H
#define VTPM_RUNTIME_HOST_MADE_LIST_H

/* Before the directory is made. What is there already stays. */
int made_list_add(const char *lib_dir, const char *path);

/* When it is no more, or somebody else's. A missing one is what was wanted. */
void made_list_remove(const char *lib_dir, const char *path);

/* Told of each path; no list is an empty one. */
typedef void made_list_visit(const char *path, void *context);
void made_list_each(const char *lib_dir, made_list_visit *visit, void *context);

#endif
