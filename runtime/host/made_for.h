/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The mark in a state directory that was made for a container and is to be removed with it. A
 * marked directory without its container was left by a power cut.
 */
#ifndef VTPM_RUNTIME_HOST_MADE_FOR_H
#define VTPM_RUNTIME_HOST_MADE_FOR_H

#include <limits.h>
#include <stdbool.h>

#define BOOT_ID_LEN 36
#define MADE_FOR_NAME ".made-for"

struct made_for {
	char container[NAME_MAX + 1]; /* the name of its lease */
	char boot[BOOT_ID_LEN + 1];   /* the kernel's word for when it was made */
};

/* Pure: two lines. -EINVAL when they are no mark. */
int made_for_parse(const char *text, struct made_for *ret);

int made_for_write(int dir_fd, const char *container);

/* -ENOENT: there is no mark, or none that root wrote. */
int made_for_read(int dir_fd, struct made_for *ret);

/* Having had no mark is fine. */
int made_for_remove(int dir_fd);

/* Whether it was made since this host was started; when that is not known it was. */
bool made_for_this_boot(const struct made_for *mark);

#endif
