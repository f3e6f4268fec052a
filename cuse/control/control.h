/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The control socket of one vTPM: /run/vtpm-cuse/NAME.d/ctl, mode 0600, for root and for one user
 * that the server's command line names. It is outside every container: whoever holds the device
 * cannot reach it.
 *
 * A request is a line with one JSON object, {"command": "status"}; its answer is a line as well,
 * {"error": "..."} when it failed. Of 16 connections the one that was silent for longest ends when
 * another comes; one of root's only for root.
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

/* Who has asked, and waits. */
struct control_asker;

/* Neither of these waits for anything: whoever handles a connection looks after all else, too. */
struct control_command {
	const char *name;
	bool root_only;
	/* Puts what is to be told into ANSWER, an empty object. */
	int (*run)(void *context, const json_t *request, json_t *answer, struct error *err);
	/* With 0 control_answer() is called for ASKER, on any thread, even before this returns. */
	int (*begin)(void *context, const json_t *request, struct control_asker *asker,
		     struct error *err);
};

/* Tells ASKER, who may be gone, ANSWER, or for NULL what ERR says. */
void control_answer(struct control_asker *asker, json_t *answer, const struct error *err);

/*
 * What is done with a connection that becomes a stream: it is told ANSWER, and from then on
 * whatever others write to its descriptor. It makes no way for others, and takes no requests: all
 * that comes is its end.
 */
struct control_stream {
	void (*started)(void *context, int fd); /* it may be written to */
	void (*ended)(void *context, int fd);   /* not any more, when this returns */
	void *context;
};

/* The descriptor of ASKER, for a command's begin(): non-blocking. */
int control_fd(const struct control_asker *asker);

/* In place of control_answer(). ENDED is called on the thread that minds watches. */
void control_stream(struct control_asker *asker, const json_t *answer,
		    const struct control_stream *stream);

/*
 * Listens at NAME's path, whose directory control_place_take() has made, for COMMANDS (ends with a
 * NULL name; borrowed), as one of WATCHES. Root may ask and USER, to whom the socket belongs.
 */
int control_open(const char *name, const struct user *user, const struct control_command *commands,
		 void *context, struct watches *watches, struct control **ret, struct error *err);

/* Does not remove the socket's file: control_place_leave() does. */
void control_close(struct control *control);
DEFINE_CLEANUP(struct control, control_close);

#endif
