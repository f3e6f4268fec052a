/* SPDX-License-Identifier: BSD-3-Clause */
/* Identifies a file, whatever path leads to it. */
#ifndef VTPM_RUNTIME_HOST_FILE_ID_H
#define VTPM_RUNTIME_HOST_FILE_ID_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct file_id {
	uint64_t dev, ino; /* both 0: not known */
};

static inline struct file_id file_id_of(const struct stat *st)
{
	return (struct file_id){ .dev = st->st_dev, .ino = st->st_ino };
}

static inline bool file_id_known(const struct file_id *id)
{
	return id->dev != 0 || id->ino != 0;
}

static inline bool file_id_same(const struct file_id *a, const struct file_id *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}

/* Whether both paths, links followed, lead to one file that is there. */
static inline bool file_is_same(const char *a, const char *b)
{
	struct stat st_a, st_b;

	return stat(a, &st_a) == 0 && stat(b, &st_b) == 0 && st_a.st_dev == st_b.st_dev &&
	       st_a.st_ino == st_b.st_ino;
}

#endif
