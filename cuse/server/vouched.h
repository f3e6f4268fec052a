/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * By what the host's own TPM vouches for a launch: asked for over a socket, as this process never
 * reaches that TPM.
 */
#ifndef VTPM_CUSE_SERVER_VOUCHED_H
#define VTPM_CUSE_SERVER_VOUCHED_H

#include "verify/log/host_quote.h"

struct error;
struct tpm_executor;

/*
 * Sends the nonce for this start of the TPM to FD and reads the parts that come back, until the
 * other end closes. *RET is the data of the event "host-quote". -ENOTSUP: the TPM has no EK;
 * -EIO: nobody vouches.
 */
int vouched_ask(const struct tpm_executor *executor, int fd, struct host_quote_parts *ret,
		struct error *err);

#endif
