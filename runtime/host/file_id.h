/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which file it is, whatever path leads to it.
 */
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

#endif
