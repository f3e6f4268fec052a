/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * States that outlive their containers: those of life "container", until the container is removed,
 * and those of life "named", until an administrator removes them. Each has a record in LIBDIR/kept,
 * named by a hash of its path.
 */
#ifndef VTPM_RUNTIME_HOST_KEPT_H
#define VTPM_RUNTIME_HOST_KEPT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/config/entry.h"

struct error;

/* Identifies a directory across reboots, which change device numbers. All 0: none. */
struct birth {
	uint64_t ino;
	int64_t seconds;
};

struct kept {
	char path[PATH_MAX];
	char class[64], owner[64];
	char container[NAME_MAX + 1]; /* the last that had it */
	char anchor[PATH_MAX];        /* what is there as long as the container; "": named */
	char identity[ENTRY_IDENTITY_LEN + 1]; /* of the TPM, in hex; "": not known yet */
	struct birth self, above;              /* the anchor, and what it is in */
	int64_t since;                         /* seconds since 1970; 0: not known */
	int64_t missing_since;                 /* as well; 0: it was there */
	bool away; /* what the anchor is in was not there, and an administrator was told */
};

bool birth_is_same(const struct birth *a, const struct birth *b);

/* Pure: a record from its text and back. The caller frees *RET. */
int kept_parse(const char *text, size_t len, struct kept *ret, struct error *err);
int kept_format(const struct kept *kept, char **ret);

/* Fills in what is known of the anchor; -ENOENT when it is not there. */
int kept_look(struct kept *kept);

int kept_write(const char *lib_dir, const struct kept *kept, struct error *err);

/* -ENOENT: there is none of that path. */
int kept_read(const char *lib_dir, const char *path, struct kept *ret);
void kept_remove(const char *lib_dir, const char *path);

typedef void kept_visit(const struct kept *kept, void *context);
void kept_each(const char *lib_dir, kept_visit *visit, void *context);

/*
 * Decides about a state at time NOW. It may go only if its container's directory is missing from
 * the same parent directory as before, at two looks some time apart. A storage that is not mounted,
 * or another one in its place, proves nothing: the state is noted as away.
 */
enum kept_verdict {
	KEPT_STAYS,
	KEPT_CHANGED, /* missing_since or away, and is to be written */
	KEPT_GONE,
};
enum kept_verdict kept_judge(struct kept *kept, int64_t now);

#endif
