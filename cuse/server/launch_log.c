/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/server/launch_log.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "certs/factory/pcr_banks.h"
#include "tpm/exchange.h"
#include "tpm/tcg.h"
#include "util/bytes.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "verify/log/host_quote.h"
#include "verify/log/record.h"
#include "verify/log/log.h"

/* "N" or "N,host=N". */
static bool parse_fds(const char *text, struct measured *ret)
{
	static const char host[] = ",host=";
	const char *comma = strchr(text, ',');
	char first[16];
	unsigned long number;

	if (comma != NULL) {
		if (strncmp(comma, host, strlen(host)) != 0 ||
		    number_parse(comma + strlen(host), 10, INT_MAX, &number) < 0)
			return false;
		ret->host_fd = (int)number;
	}
	(void)snprintf(first, sizeof(first), "%.*s", (int)strcspn(text, ","), text);
	if (number_parse(first, 10, INT_MAX, &number) < 0)
		return false;
	ret->fd = (int)number;
	return true;
}

int measured_parse(const char *text, struct measured *ret, struct error *err)
{
	unsigned long number = 0;

	*ret = (struct measured){ .kind = MEASURED_NOT, .fd = -1, .host_fd = -1 };
	if (strcmp(text, "attached") == 0) {
		ret->kind = MEASURED_ATTACHED;
	} else if (strncmp(text, "fd=", 3) == 0 && parse_fds(text + 3, ret)) {
		ret->kind = MEASURED_LAUNCH;
	} else if (strncmp(text, "relaunch=", 9) == 0 &&
		   number_parse(text + 9, 10, INT_MAX, &number) == 0) {
		ret->kind = MEASURED_RELAUNCH;
		ret->count = (uint32_t)number;
	} else {
		return error_say(err, EINVAL, "'%.32s' is not fd=N, attached or relaunch=N", text);
	}
	return 0;
}

/* A log that is being built. */
struct writing {
	const struct tpm_executor *executor;
	const struct bank *banks[BANKS_MOST];
	size_t bank_count;
	uint64_t next;
	uint8_t *bytes;
	size_t len, room;
};

static void writing_done(struct writing *writing)
{
	free(writing->bytes);
}

static int find_banks(struct writing *writing, struct error *err)
{
	struct pcr_banks active;
	int r = pcr_banks_get(writing->executor, true, &active, err);

	if (r < 0)
		return r;
	if (active.count == 0)
		return error_say(err, ENOTSUP,
				 "the TPM has no PCR bank: a launch cannot be measured");
	for (size_t i = 0; i < active.count; i++) {
		const struct bank *bank = bank_find(active.algorithms[i]);

		if (bank == NULL)
			return error_say(err, ENOTSUP,
					 "a launch cannot be measured in PCR bank 0x%04x",
					 active.algorithms[i]);
		writing->banks[writing->bank_count++] = bank;
	}
	return 0;
}

static int extend(const struct writing *writing, const struct cel_record *record, struct error *err)
{
	struct tpm_command command;

	tpm_command_begin(&command, TPM2_ST_SESSIONS, TPM2_CC_PCR_Extend);
	tpm_put_u32(&command, record->event.pcr);
	tpm_put_empty_auth(&command);
	tpm_put_u32(&command, (uint32_t)record->digest_count);
	for (size_t i = 0; i < record->digest_count; i++) {
		tpm_put_u16(&command, record->digests[i].bank->alg);
		tpm_put_bytes(&command, record->digests[i].bytes, record->digests[i].bank->size);
	}
	return tpm_exchange(writing->executor, &command, "TPM2_PCR_Extend", NULL, err);
}

static int append(struct writing *writing, const struct cel_record *record, struct error *err)
{
	const size_t size = cel_record_size(record);

	if (size > CEL_LOG_MOST - writing->len)
		return error_say(err, E2BIG, "the event log would be longer than %d bytes",
				 CEL_LOG_MOST);
	if (size > writing->room - writing->len) {
		size_t room = 2 * writing->room + size;
		uint8_t *more = realloc(writing->bytes, room);

		if (more == NULL)
			return error_set(err, ENOMEM, "write the event log");
		writing->bytes = more;
		writing->room = room;
	}
	cel_record_write(record, writing->bytes + writing->len);
	writing->len += size;
	return 0;
}

static int measure(struct writing *writing, const struct cel_event *event, struct error *err)
{
	struct cel_record record = { .number = writing->next, .event = *event };
	int r = cel_record_hash(&record, writing->banks, writing->bank_count, err);

	if (r == 0)
		r = append(writing, &record, err);
	if (r == 0)
		r = extend(writing, &record, err);
	writing->next++;
	return r;
}

static int measure_text(struct writing *writing, uint8_t pcr, uint8_t type, const char *text,
			struct error *err)
{
	const struct cel_event event = { pcr, CEL_VTPM, type, (const uint8_t *)text, strlen(text) };

	return measure(writing, &event, err);
}

static int measure_in_both(struct writing *writing, const struct cel_event *event,
			   struct error *err)
{
	static const uint8_t pcrs[] = { CEL_PCR_HOST, CEL_PCR_CONTAINER };
	int r = 0;

	for (size_t i = 0; i < sizeof(pcrs) && r == 0; i++) {
		struct cel_event one = *event;

		one.pcr = pcrs[i];
		r = measure(writing, &one, err);
	}
	return r;
}

/* Refuses events in the caller's list that only the server may write. */
static bool is_ours(const struct launch_facts *facts, const struct cel_event *event)
{
	return event->content == CEL_VTPM && event->pcr == CEL_PCR_HOST &&
	       (event->type == CEL_PRODUCT || event->type == CEL_LIBRARY ||
		(event->type == CEL_ORIGIN && facts->origin != NULL));
}

static int check_list(const struct launch_facts *facts, struct error *err)
{
	struct cel_event event;
	size_t at = 0;
	int r;

	while ((r = cel_list_next(facts->list, facts->list_len, &at, &event)) == 1) {
		if (!cel_event_is_of_launch(&event))
			return error_say(err, EINVAL,
					 "event %u.%u is not of a launch, or not of register %u",
					 event.content, event.type, event.pcr);
	}
	return r < 0 ? error_say(err, -r, "the events of the launch are not whole") : 0;
}

static int measure_host_quote(struct writing *writing, const struct host_quote_parts *host,
			      struct error *err)
{
	const struct cel_event event = { CEL_PCR_HOST, CEL_VTPM, CEL_HOST_QUOTE, host->bytes,
					 host->len };

	return measure(writing, &event, err);
}

static int measure_launch(struct writing *writing, const struct launch_facts *facts,
			  struct error *err)
{
	struct cel_event event;
	size_t at = 0;
	int r;

	r = measure_text(writing, CEL_PCR_HOST, CEL_PRODUCT, PACKAGE_STRING, err);
	if (r == 0)
		r = measure_text(writing, CEL_PCR_HOST, CEL_LIBRARY, facts->library, err);
	if (r == 0 && facts->origin != NULL)
		r = measure_text(writing, CEL_PCR_HOST, CEL_ORIGIN, facts->origin, err);
	while (r == 0 && cel_list_next(facts->list, facts->list_len, &at, &event) == 1)
		r = is_ours(facts, &event) ? 0 : measure(writing, &event, err);
	if (r == 0 && facts->host != NULL)
		r = measure_host_quote(writing, facts->host, err);
	return r;
}

static int measure_relaunch(struct writing *writing, uint32_t count, struct error *err)
{
	struct cel_event event = { .content = CEL_VTPM, .type = CEL_RELAUNCH };
	char text[64];

	event.len = (size_t)snprintf(text, sizeof(text), "{\"count\":%u,\"reason\":\"restart\"}",
				     count);
	event.data = (const uint8_t *)text;
	return measure_in_both(writing, &event, err);
}

static int measure_kind(struct writing *writing, const struct launch_facts *facts,
			struct error *err)
{
	static const struct cel_event attached = { .content = CEL_VTPM, .type = CEL_ATTACHED };

	if (facts->measured->kind == MEASURED_RELAUNCH)
		return measure_relaunch(writing, facts->measured->count, err);
	if (facts->measured->kind == MEASURED_ATTACHED)
		return measure_in_both(writing, &attached, err);
	return measure_launch(writing, facts, err);
}

int launch_log_make(const struct launch_facts *facts, const struct tpm_executor *executor,
		    uint8_t **log, size_t *len, struct error *err)
{
	static const struct cel_event separator = { .content = CEL_CONTAINER,
						    .type = CEL_SEPARATOR };
	__attribute__((cleanup(writing_done))) struct writing writing = { .executor = executor };
	int r = check_list(facts, err);

	if (r == 0)
		r = find_banks(&writing, err);
	if (r == 0)
		r = measure_kind(&writing, facts, err);
	if (r == 0)
		r = measure_in_both(&writing, &separator, err);
	if (r < 0)
		return r;
	*log = take_ptr(writing.bytes);
	*len = writing.len;
	return 0;
}
