/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The client's side of the control socket: asks a running server. control.h describes the protocol.
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

/* The same for a server of an earlier release: CONTROL_DIR/NAME.ctl. */
int control_address_before(const char *name, struct sockaddr_un *ret, struct error *err);

/* Where the server called NAME leaves its event log: CONTROL_DIR/NAME.cel. */
void control_event_log(const char *name, char ret[static PATH_MAX]);

/* -ENOENT or -ECONNREFUSED: no server of that name runs. Finds servers of earlier releases, too. */
int control_connect(const char *name, int *ret, struct error *err);

/* Whether the server NAME died: its socket is there, but no server listens. */
bool control_has_died(const char *name);

/* The process at the other end, as seen from here. */
int control_peer_pid(int fd, pid_t *ret);

/* Sends JSON as one line. */
int control_send(int fd, const json_t *json);

/* The sentence of ERR as the member "error". Bytes that JSON cannot hold are escaped. */
json_t *control_error(const struct error *err);

/*
 * Sends a request and waits for the answer, which the caller owns. When the server answers with
 * "error", that text goes into ERR and the result is -EREMOTEIO.
 */
int control_ask(int fd, const json_t *request, json_t **answer, struct error *err);

/*
 * The two halves of a request, to ask many servers at once. control_begin() connects and sends
 * without waiting; -EAGAIN: the server accepts no connection now. The other half reads the answer,
 * one line with nothing behind it; -ETIMEDOUT when DEADLINE (by monotonic_ms()) has passed. A
 * negative DEADLINE means no limit.
 */
int control_begin(const char *name, const json_t *request, int *ret);
int control_finish(int fd, int64_t deadline, json_t **answer, struct error *err);

/* Asks for "status" as control_ask() does, but waits only briefly, as the server may hang. */
int control_status(const char *name, json_t **answer);

/*
 * Calls EACH with the name of every control socket, of running and of dead servers, in the form
 * that control_connect() takes. Stops when EACH returns something else than 0, and returns that.
 */
int control_each(int (*each)(const char *name, void *context), void *context);

#endif
