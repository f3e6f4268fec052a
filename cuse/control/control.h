/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The control socket of one vTPM: /run/vtpm-cuse/NAME.d/ctl, mode 0600, for root and for one user
 * that the server's command line names. It lies outside every container, so the users of the device
 * cannot reach it.
 *
 * A request is a line with one JSON object, {"command": "status"}; its answer is a line as well,
 * {"error": "..."} when it failed. At most 16 connections are open: a further one ends the
 * connection that was silent for longest. Only a connection of root's ends one of root's.
 */
#ifndef VTPM_CUSE_CONTROL_CONTROL_H
#define VTPM_CUSE_CONTROL_CONTROL_H

#include <jansson.h>
#include <stddef.h>
#include <sys/types.h>

#include "cuse/control/client.h"
#include "util/cleanup.h"

struct control;
struct error;
struct user;
struct watches;

#define CONTROL_LINE_MAX 4096

/*
 * Reads a request of LEN bytes, without the newline: an object whose "command" is a string. The
 * caller owns *RET.
 */
int control_parse(const char *line, size_t len, json_t **ret, struct error *err);

/* A client that waits for its answer. */
struct control_asker;

/* Neither function may block: the thread that calls it also serves every other watch. */
struct control_command {
	const char *name;
	bool root_only;
	/* Fills in ANSWER, an empty object. */
	int (*run)(void *context, const json_t *request, json_t *answer, struct error *err);
	/*
	 * After a return of 0, the command calls control_answer() for ASKER exactly once, from any
	 * thread, perhaps before begin() has returned.
	 */
	int (*begin)(void *context, const json_t *request, struct control_asker *asker,
		     struct error *err);
};

/* Sends ANSWER to ASKER; a NULL ANSWER sends the sentence of ERR. ASKER may have disconnected. */
void control_answer(struct control_asker *asker, json_t *answer, const struct error *err);

/*
 * Turns a connection into a stream: control_stream() sends ANSWER, and from then on other code
 * writes to its descriptor. A stream is never ended to make room, and takes no more requests; the
 * only event left is its end.
 */
struct control_stream {
	void (*started)(void *context, int fd); /* from now on FD may be written to */
	void (*ended)(void *context, int fd);   /* after the return nobody may write to FD */
	void *context;
};

/* The descriptor of ASKER, for a command's begin(): non-blocking. */
int control_fd(const struct control_asker *asker);

/* Replaces control_answer(). The thread that handles the watches calls ended(). */
void control_stream(struct control_asker *asker, const json_t *answer,
		    const struct control_stream *stream);

/*
 * Listens at NAME's path, in the directory that control_place_take() has made, as one of WATCHES.
 * Serves COMMANDS (borrowed; ends with a NULL name) to root and to USER, who owns the socket.
 */
int control_open(const char *name, const struct user *user, const struct control_command *commands,
		 void *context, struct watches *watches, struct control **ret, struct error *err);

/* Leaves the socket's file; control_place_leave() removes it. */
void control_close(struct control *control);
DEFINE_CLEANUP(struct control, control_close);

#endif
