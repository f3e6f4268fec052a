/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One digest of a whole directory tree, of its files' properties and contents; vtpm-eventlog(5)
 * defines the bytes.
 */
#ifndef VTPM_RUNTIME_HOST_TREE_DIGEST_H
#define VTPM_RUNTIME_HOST_TREE_DIGEST_H

#include "runtime/host/measuring.h"

/* A tree may have so many files, and directories within directories. */
#define TREE_FILES_MOST (4 << 20)
#define TREE_DEPTH_MOST 128

/*
 * Of the directory ROOT, a descriptor; what is mounted beneath it is not looked at. Nothing is
 * opened but directories and regular files, and no link is followed. -EBUSY: something was changed
 * meanwhile; -E2BIG: the tree has more than it may have; -ETIME.
 */
int tree_digest(int root, struct measuring *measuring, uint8_t digest[static SHA256_SIZE],
		struct error *err);

/* The descriptor of a file, opened to read it, by PATH_FD, which only names it. */
int tree_open(int path_fd, int flags);

#endif
