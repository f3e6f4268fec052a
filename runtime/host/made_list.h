/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The list of the state directories that were made for containers. It survives a reboot, which the
 * leases in /run do not. Each has a file in LIBDIR/made, named by a hash of its path.
 */
#ifndef VTPM_RUNTIME_HOST_MADE_LIST_H
#define VTPM_RUNTIME_HOST_MADE_LIST_H

/* Before the directory is made. What is there already stays. */
int made_list_add(const char *lib_dir, const char *path);

/* Called when the directory is gone, or somebody else's. A missing record is fine. */
void made_list_remove(const char *lib_dir, const char *path);

/* Told of each path; no list is an empty one. */
typedef void made_list_visit(const char *path, void *context);
void made_list_each(const char *lib_dir, made_list_visit *visit, void *context);

#endif
