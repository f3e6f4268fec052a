/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A process that manufactures the TPM before it is served, if the command line asks for it. As a
 * separate process, it gives back the memory for the certificates when it ends, and a slow CA
 * cannot keep a signal from ending the server.
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
 * Forks the process; call it before this process has secrets. The maker gets its secrets from
 * maker_run(), and only has privileges to read and write files. *RET is NULL when nothing is to be
 * made. OPTIONS are those of the state that will be opened, without the key.
 */
int maker_start(const struct settings *settings, const struct state_options *options,
		struct maker **ret, struct error *err);

/*
 * Waits until the TPM is made. When SIGNALS_FD becomes readable first, ends the process and returns
 * -ECANCELED. The CA's password stays in the maker. MAKER may be NULL.
 */
int maker_run(struct maker *maker, const struct state_key *key, int signals_fd, struct error *err);

/* Ends the process if it is still running. */
void maker_end(struct maker *maker);
DEFINE_CLEANUP(struct maker, maker_end);

#endif
