/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where a server's control socket is: a directory of its own, so that the server can remove the
 * socket at its end whatever user it is then. The directory is locked for as long as anything of
 * the server is there.
 */
#ifndef VTPM_CUSE_CONTROL_PLACE_H
#define VTPM_CUSE_CONTROL_PLACE_H

#include "util/cleanup.h"

struct error;
struct user;
struct control_place;

/*
 * Makes the directory for the server NAME, or takes over the one that is there: it is ours alone,
 * and nothing is in it. -EEXIST: a server of that name answers. Waits, but not for ever, for what
 * removes the files of a server of that name that has ended.
 */
int control_place_take(const char *name, struct control_place **ret, struct error *err);

/* For the lock, which a child inherits with it; and to remove the socket. */
int control_place_dir(const struct control_place *place);

/* From here on it is USER's: whoever that is can remove the socket, which stays whose it is. */
int control_place_give(struct control_place *place, const struct user *user, struct error *err);

/* Removes the socket, and the directory unless it was given away: see server_dir_remove(). */
void control_place_leave(struct control_place *place);
DEFINE_CLEANUP(struct control_place, control_place_leave);

#endif
