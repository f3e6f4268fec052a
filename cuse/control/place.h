/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The directory of a server's control socket. Each server has its own, so that it can remove the
 * socket at its end under any user ID. The lock on the directory is held for as long as anything of
 * the server is left there.
 */
#ifndef VTPM_CUSE_CONTROL_PLACE_H
#define VTPM_CUSE_CONTROL_PLACE_H

#include "util/cleanup.h"

struct error;
struct user;
struct control_place;

/*
 * Makes the directory for the server NAME, or takes over an existing one: root owns it, and it is
 * empty. -EEXIST: a server of that name answers. Waits for a limited time when another process is
 * just removing the files of an ended server of that name.
 */
int control_place_take(const char *name, struct control_place **ret, struct error *err);

/*
 * The directory's descriptor. It carries the lock, which children inherit, and serves to remove the
 * socket.
 */
int control_place_dir(const struct control_place *place);

/* Gives the directory to USER, who can then remove the socket. The socket keeps its owner. */
int control_place_give(struct control_place *place, const struct user *user, struct error *err);

/* Removes the socket, and the directory unless it was given away: see server_dir_remove(). */
void control_place_leave(struct control_place *place);
DEFINE_CLEANUP(struct control_place, control_place_leave);

#endif
