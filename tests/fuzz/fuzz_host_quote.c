/* SPDX-License-Identifier: BSD-3-Clause */
/* The event by which a host's TPM vouches: what was read is written again as the same bytes. */
#include <stdlib.h>
#include <string.h>

#include "certs/x509/openssl.h"
#include "verify/host.h"
#include "verify/log/host_quote.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_again(const struct host_quote *read, const uint8_t *data, size_t size)
{
	static struct host_quote_parts again;

	again.len = 0;
	for (size_t i = 0; i < read->ek_count; i++) {
		if (host_quote_add(&again, HOST_QUOTE_EK, read->eks[i].data, read->eks[i].len) < 0)
			return; /* longer than any of ours */
	}
	for (enum host_quote_type type = HOST_QUOTE_AK; type < HOST_QUOTE_TYPES; type++) {
		if (host_quote_add(&again, type, read->parts[type].data, read->parts[type].len) < 0)
			return;
	}
	if (again.len != size || memcmp(again.bytes, data, size) != 0)
		abort();
}

/* Nobody's TPM is vouched for: there is no certificate of the key. */
static void check_verdict(const uint8_t *data, size_t size)
{
	static uint64_t room[(sizeof(struct cel_log) + sizeof(struct cel_record)) / 8 + 1];
	struct cel_log *log = (struct cel_log *)(void *)room;
	const struct host_guest guest = { NULL, 0 };
	struct host host;

	log->count = 1;
	log->records[0].event =
		(struct cel_event){ CEL_PCR_HOST, CEL_VTPM, CEL_HOST_QUOTE, data, size };
	if (host_read(log, &guest, &host, NULL) == 0)
		abort();
	host_done(&host);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct host_quote read;

	if (host_quote_parse(data, size, &read) == 0)
		check_again(&read, data, size);
	check_verdict(data, size);
	return 0;
}
