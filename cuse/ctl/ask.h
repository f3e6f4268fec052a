/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Asking one server, or all that run on this host.
 */
#ifndef VTPM_CUSE_CTL_ASK_H
#define VTPM_CUSE_CTL_ASK_H

#include <jansson.h>

struct error;

/* -ECONNREFUSED, and nothing else in this program: no server of that name runs. */
int ctl_connect(const char *name, int *ret, struct error *err);

/* Sends one request without arguments; the caller owns *ANSWER. */
int ctl_ask(const char *name, const char *command, json_t **answer, struct error *err);

/* Servers that have told nothing. One that ended meanwhile is none of them. */
struct ctl_missing {
	unsigned int forbidden; /* to ask them is others' */
	unsigned int silent;    /* no answer within two seconds, or none that is of use */
};

struct ctl_answers {
	json_t *all;  /* an array, in the order of names, where tpm2 comes before tpm10 */
	json_t *dead; /* the names of servers that did not end in order */
	struct ctl_missing missing;
};

/* Asks all servers, many at a time, and then reads; RET is for ctl_answers_done(). */
int ctl_ask_all(const char *command, struct ctl_answers *ret, struct error *err);
void ctl_answers_done(struct ctl_answers *answers);

/* -EACCES and a sentence where the caller may not ask them all, -ETIMEDOUT where some are silent.
 */
int ctl_missing_say(const struct ctl_missing *missing, struct error *err);

#endif
