/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Asking a running server over its control socket, which control.h describes.
 */
#ifndef VTPM_CUSE_CONTROL_CLIENT_H
#define VTPM_CUSE_CONTROL_CLIENT_H

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/un.h>

#include "util/cleanup.h"
#include "util/server_dir.h"

struct error;

#define CONTROL_DIR SERVERS_DIR

/* The address of NAME's socket: CONTROL_DIR/NAME.d/ctl, see server_dir_name(). */
int control_address(const char *name, struct sockaddr_un *ret, struct error *err);

/* The same of a server of an earlier release: CONTROL_DIR/NAME.ctl. */
int control_address_before(const char *name, struct sockaddr_un *ret, struct error *err);

/* Where the server called NAME leaves its event log: CONTROL_DIR/NAME.cel. */
void control_event_log(const char *name, char ret[static PATH_MAX]);

/* -ENOENT or -ECONNREFUSED: no server of that name runs. One of an earlier release is found, too.
 */
int control_connect(const char *name, int *ret, struct error *err);

/* Whether NAME's socket is all that is left of its server, which did not end in order. */
bool control_has_died(const char *name);

/* The process at the other end, as seen from here. */
int control_peer_pid(int fd, pid_t *ret);

/* Sends JSON as one line. */
int control_send(int fd, const json_t *json);

/* What ERR says as the member "error", whatever bytes are in it: JSON has text alone. */
json_t *control_error(const struct error *err);

/*
 * Sends a request and waits for the answer, which the caller owns. What the server answers as
 * "error" becomes ERR and -EREMOTEIO.
 */
int control_ask(int fd, const json_t *request, json_t **answer, struct error *err);

/*
 * The two halves of asking many at once. The first connects, sends and waits for nothing; -EAGAIN:
 * the server accepts no connection now. The second reads the answer, which is a line and no byte
 * behind it; -ETIMEDOUT when DEADLINE, by monotonic_ms(), has come; there is none when it is
 * negative.
 */
int control_begin(const char *name, const json_t *request, int *ret);
int control_finish(int fd, int64_t deadline, json_t **answer, struct error *err);

/* As control_ask() for "status" of a server that may be stuck, and is waited for briefly then. */
int control_status(const char *name, json_t **answer);

/*
 * Calls EACH for the name, as control_connect() takes it, that each socket has, of a server or of
 * what was one, until it returns something else than 0, which is returned.
 */
int control_each(int (*each)(const char *name, void *context), void *context);

#endif
