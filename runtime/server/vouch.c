/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/server/vouch.h"

#include <errno.h>
#include <sys/socket.h>

#include "runtime/config/entry.h"
#include "runtime/host/host_tpm.h"
#include "runtime/inside/own_child.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/file.h"

/* A slow TPM takes a second to make a key; it may have other work before. */
#define HOST_TPM_MS 15000

/* What the child needs to know. */
struct question {
	const struct vouching *vouching;
	uint8_t nonce[HOST_QUOTE_NONCE];
};

static int ask_host(const void *arg, void *data, struct error *err)
{
	const struct question *question = arg;

	return host_tpm_quote(question->vouching, question->nonce, data, err);
}

int vouch_prepare(struct launch *launch)
{
	int ends[2];

	if (!launch->entry->vouching.wanted || launch->events_fd < 0)
		return 0;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	launch->vouch_fd = ends[0];
	launch->vouch_end = ends[1];
	return 0;
}

static int answer(int fd, const struct vouching *vouching, struct error *err)
{
	struct question question = { .vouching = vouching };
	struct host_quote_parts parts = { .len = 0 };
	int r;

	if (read_full(fd, question.nonce, sizeof(question.nonce)) !=
	    (ssize_t)sizeof(question.nonce))
		return 0; /* it has ended, and has said why */
	r = run_in_own_child(ask_host, &question, &parts, sizeof(parts), HOST_TPM_MS, err);
	if (r < 0)
		return error_prefix(err, r, "hostQuote: the host's TPM");
	r = write_all(fd, parts.bytes, parts.len);
	return r < 0 && r != -EPIPE ? error_set(err, -r, "hostQuote: tell the server") : 0;
}

int vouch(struct launch *launch, struct error *err)
{
	int r;

	if (launch->vouch_fd < 0)
		return 0;
	r = answer(launch->vouch_fd, &launch->entry->vouching, err);
	closep(&launch->vouch_fd);
	launch->vouch_fd = -1;
	return r;
}
