/* SPDX-License-Identifier: BSD-3-Clause */
/* Asks one server, or all servers of this host. */
#ifndef VTPM_CUSE_CTL_ASK_H
#define VTPM_CUSE_CTL_ASK_H

#include <jansson.h>

struct error;

/* -ECONNREFUSED: no server of that name runs. Nothing else in this program returns it. */
int ctl_connect(const char *name, int *ret, struct error *err);

/* Sends one request without arguments; the caller owns *ANSWER. */
int ctl_ask(const char *name, const char *command, json_t **answer, struct error *err);

/* Servers that did not answer. A server that ended meanwhile does not count. */
struct ctl_missing {
	unsigned int forbidden; /* the caller may not ask them */
	unsigned int silent;    /* no usable answer within two seconds */
};

struct ctl_answers {
	json_t *all;  /* an array, sorted by name: tpm2 comes before tpm10 */
	json_t *dead; /* the names of servers that died */
	struct ctl_missing missing;
};

/* Asks all servers, many at a time, and collects the answers; end RET with ctl_answers_done(). */
int ctl_ask_all(const char *command, struct ctl_answers *ret, struct error *err);
void ctl_answers_done(struct ctl_answers *answers);

/* -EACCES and a sentence when the caller may not ask all; -ETIMEDOUT when some are silent. */
int ctl_missing_say(const struct ctl_missing *missing, struct error *err);

#endif
