/* SPDX-License-Identifier: BSD-3-Clause */
/* vtpm-ctl trace: shows the commands of clients and the answers of the vTPM. */
#include "cuse/ctl/ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "cuse/control/client.h"
#include "cuse/ctl/ask.h"
#include "cuse/watch/pcapng.h"
#include "cuse/watch/trace_line.h"
#include "cuse/watch/wait.h"
#include "tpm/record.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/log.h"

struct trace {
	int fd;
	const char *nodes[2]; /* borrowed from the server's answer */
	FILE *pcap;           /* NULL: write none */
	bool lines;           /* print a line for each record */
	struct pcapng pcapng;
	uint8_t bytes[RECORD_SIZE_MAX]; /* a record that is still incomplete */
	size_t len;
};

static void trace_free(struct trace *trace)
{
	if (trace == NULL)
		return;
	if (trace->pcap != NULL && trace->pcap != stdout)
		(void)fclose(trace->pcap);
	closep(&trace->fd);
	explicit_bzero(trace, sizeof(*trace));
	free(trace);
}
DEFINE_CLEANUP(struct trace, trace_free);

/* "-" is standard output. Only its owner may read the file. */
static int open_pcap(struct trace *trace, const char *path, struct error *err)
{
	cleanup_close int fd = -1;

	if (strcmp(path, "-") == 0) {
		trace->pcap = stdout;
	} else {
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY | O_CLOEXEC, 0600);
		trace->pcap = fd >= 0 ? fdopen(fd, "w") : NULL;
		if (trace->pcap == NULL)
			return error_set(err, errno, "write %s", path);
		(void)take_fd(fd);
	}
	trace->lines = trace->pcap != stdout;
	pcapng_begin(&trace->pcapng, trace->pcap, trace->nodes[0]);
	return 0;
}

static int flush(const struct trace *trace, struct error *err)
{
	if (trace->lines && fflush(stdout) != 0)
		return error_set(err, errno, "write to standard output");
	if (trace->pcap != NULL && fflush(trace->pcap) != 0)
		return error_set(err, errno, "write the capture");
	return 0;
}

static void show(struct trace *trace, const struct record *record)
{
	char line[TRACE_LINE_SIZE];

	if (record->dropped > 0)
		log_warn("%llu commands were left out", (unsigned long long)record->dropped);
	trace_line(record, trace->nodes, line);
	if (trace->lines)
		(void)puts(line);
	if (trace->pcap != NULL)
		pcapng_add(&trace->pcapng, record, trace->nodes[record->managed]);
}

/* Shows the first record in the buffer; 0: it is not complete yet. */
static int show_first(struct trace *trace)
{
	struct record record;
	size_t size;

	if (trace->len < RECORD_HEADER_SIZE)
		return 0;
	if (record_size(trace->bytes, &size) < 0)
		return -EPROTO;
	if (trace->len < size)
		return 0;
	if (record_parse(trace->bytes, size, &record) < 0)
		return -EPROTO;
	show(trace, &record);
	trace->len -= size;
	memmove(trace->bytes, trace->bytes + size, trace->len);
	return 1;
}

/* 1: go on; 0: the server has ended. */
static int receive(struct trace *trace, struct error *err)
{
	ssize_t n = recv(trace->fd, trace->bytes + trace->len, sizeof(trace->bytes) - trace->len,
			 MSG_DONTWAIT);
	int r;

	if (n < 0 && errno != ECONNRESET)
		return errno == EAGAIN ? 1 : error_set(err, errno, "read the trace");
	if (n <= 0)
		return 0;
	trace->len += (size_t)n;
	do
		r = show_first(trace);
	while (r > 0);
	if (r < 0)
		return error_say(err, -r, "this server's trace is none that is known here");
	r = flush(trace, err);
	return r < 0 ? r : 1;
}

static int begin(const char *name, bool secrets, int fd, json_t **answer, struct error *err)
{
	json_auto_t *request = json_pack("{s:s, s:b}", "command", "trace", "secrets", (int)secrets);
	int r = control_ask(fd, request, answer, err);

	return r < 0 ? error_prefix(err, r, "vTPM %s", name) : 0;
}

static const char *node_name(const json_t *answer, size_t i, const char *name)
{
	const char *node = json_string_value(json_array_get(json_object_get(answer, "nodes"), i));

	return node != NULL ? node : name;
}

static int follow(struct trace *trace, struct error *err)
{
	int r = flush(trace, err);

	while (r >= 0) {
		r = wait_for(trace->fd, -1);
		if (r == -EINTR)
			return 0;
		if (r > 0)
			r = receive(trace, err);
		if (r == 0) {
			log_info("the vTPM has ended");
			return 0;
		}
	}
	return r;
}

int ctl_trace(const struct ctl_options *options, const char *name, struct error *err)
{
	cleanup_with(trace_freep) struct trace *trace = calloc(1, sizeof(*trace));
	json_auto_t *answer = NULL;
	int r;

	if (trace == NULL)
		return error_set(err, ENOMEM, "trace");
	trace->fd = -1;
	trace->lines = true;
	wait_catch_signals();
	r = ctl_connect(name, &trace->fd, err);
	if (r == 0)
		r = begin(name, options->secrets, trace->fd, &answer, err);
	if (r < 0)
		return r;
	trace->nodes[0] = node_name(answer, 0, name);
	trace->nodes[1] = node_name(answer, 1, name);
	if (options->pcap != NULL)
		r = open_pcap(trace, options->pcap, err);
	return r < 0 ? r : follow(trace, err);
}
