/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A process that manufactures the TPM before it is served, when the command line asks for it. What
 * the certificates take in memory is not the server's for life, and a CA that lets us wait does not
 * keep a signal from ending us.
 */
#ifndef VTPM_CUSE_SERVER_MAKER_H
#define VTPM_CUSE_SERVER_MAKER_H

#include "util/cleanup.h"

struct error;
struct maker;
struct settings;
struct state_key;
struct state_options;

/*
 * Forks the process, before there are secrets in this one: it has those that it gets by
 * maker_run(), and no privileges but to read and write files. *RET is NULL when nothing is to be
 * made. OPTIONS are those of the state that will be opened, but for the key.
 */
int maker_start(const struct settings *settings, const struct state_options *options,
		struct maker **ret, struct error *err);

/*
 * Waits until the TPM is made, or SIGNALS_FD readable: then the process is ended, and -ECANCELED.
 * Nothing else here keeps the CA's password. MAKER may be NULL.
 */
int maker_run(struct maker *maker, const struct state_key *key, int signals_fd, struct error *err);

/* Ends the process if it still runs. */
void maker_end(struct maker *maker);
DEFINE_CLEANUP(struct maker, maker_end);

#endif
