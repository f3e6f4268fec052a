/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The quote by which the host's own TPM vouches for a launch. The server asks for it over a socket,
 * since it never has access to that TPM.
 */
#ifndef VTPM_CUSE_SERVER_VOUCHED_H
#define VTPM_CUSE_SERVER_VOUCHED_H

#include "verify/log/host_quote.h"

struct error;
struct tpm_executor;

/*
 * Sends the nonce for this start of the TPM to FD and reads the parts of the quote until the other
 * end closes. *RET is the data of the event "host-quote". -ENOTSUP: the TPM has no EK; -EIO: no
 * quote came back.
 */
int vouched_ask(const struct tpm_executor *executor, int fd, struct host_quote_parts *ret,
		struct error *err);

#endif
