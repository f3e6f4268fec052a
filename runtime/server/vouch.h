/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Connects a server that measures its launch to the host's own TPM: the server says what the quote
 * is for, and the hook has it made. The server never reaches that TPM.
 */
#ifndef VTPM_RUNTIME_SERVER_VOUCH_H
#define VTPM_RUNTIME_SERVER_VOUCH_H

#include <stdbool.h>

#include "runtime/server/launch.h"

/* Makes the launch's sockets, if the host's TPM is to vouch for it; a negative errno. */
int vouch_prepare(struct launch *launch);

/*
 * Waits for what the server asks, has the host's TPM answer within a bounded time, and answers.
 * Nothing is done where none is to vouch, or where the server ends before it asks. A failure is the
 * launch's: the server ends then.
 */
int vouch(struct launch *launch, struct error *err);

#endif
