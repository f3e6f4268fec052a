/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the host calls its users and groups. Two files answer, and a program is linked with one of
 * them: user_names.c asks the C library, which may ask services of the network; user_names_files.c
 * reads /etc/passwd and /etc/group, and is for programs that load no libraries.
 */
#ifndef VTPM_UTIL_USER_NAMES_H
#define VTPM_UTIL_USER_NAMES_H

#include <stdbool.h>
#include <sys/types.h>

struct user {
	uid_t uid;
	gid_t gid;
};

/* False, and *RET as it was, where nobody has that name or number. */
bool user_of_name(const char *name, struct user *ret);
bool user_of_uid(uid_t uid, struct user *ret);
bool gid_of_name(const char *name, gid_t *ret);

#endif
