/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where a server's control socket is: in a directory of its own, beside those of all others.
 */
#ifndef VTPM_UTIL_SERVER_DIR_H
#define VTPM_UTIL_SERVER_DIR_H

#include <limits.h>

#define SERVERS_DIR RUNSTATEDIR "/vtpm-cuse"
#define SERVER_DIR_SUFFIX ".d"
#define SERVER_SOCKET "ctl"

/*
 * NAME, or where SERVERS_DIR/NAMEsuffix would be too long for a socket's address, 48 characters of
 * it, a dot and 16 digits of its SHA-256. Pure.
 */
void server_stem(const char *name, const char *suffix, char ret[static NAME_MAX + 1]);

/* The directory of the server NAME in SERVERS_DIR. Pure. */
void server_dir_name(const char *name, char ret[static NAME_MAX + 1]);

/*
 * Removes the directory of the server NAME in DIR, with a socket that was left there, unless
 * anything of a server is there, which has it locked: -EWOULDBLOCK. -ENOENT: there is none.
 */
int server_dir_remove(const char *dir, const char *name);

/* Removes those in DIR that nothing is in and nobody has locked. */
void server_dirs_prune(const char *dir);

#endif
