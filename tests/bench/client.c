/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bench-client: a command and its response through a device, many times.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/timing.h"
#include "tests/bench/workload.h"
#include "util/error.h"
#include "util/options.h"

struct config {
	const char *target;
	uint32_t rounds;
	bool null, unpinned;
};

static const struct option_spec specs[] = {
	{ "target", 't', "NAME", "what the result calls the server", option_string,
	  offsetof(struct config, target) },
	{ "rounds", 'r', "N", "how often (default 2000)", option_u32,
	  offsetof(struct config, rounds) },
	{ "null", 0, NULL, "there is no TPM behind the device", option_flag,
	  offsetof(struct config, null) },
	{ "unpinned", 0, NULL, "on any processor (default: on the first)", option_flag,
	  offsetof(struct config, unpinned) },
	{ 0 },
};

struct client {
	int fd;
	uint8_t response[TPM_COMMAND_MAX];
	struct workload workload;
};

static int execute(void *context, const uint8_t *command, size_t len, const uint8_t **response,
		   size_t *response_len)
{
	struct client *client = context;
	ssize_t n = write(client->fd, command, len);

	if (n < 0)
		return -errno;
	n = read(client->fd, client->response, sizeof(client->response));
	if (n < 0)
		return -errno;
	*response = client->response;
	*response_len = (size_t)n;
	return n < TPM_HEADER_SIZE ? -EPROTO : 0;
}

static int do_round(void *context, struct error *err)
{
	struct client *client = context;
	const struct tpm_command *command = workload_next(&client->workload);
	const uint8_t *response;
	size_t len = 0;
	int r = execute(client, command->bytes, command->len, &response, &len);

	if (r < 0)
		return error_set(err, -r, "%zu bytes of response", len);
	return workload_check(&client->workload, response, len, err);
}

static int run(const struct config *config, const char *path, const char *name, struct error *err)
{
	struct client client = { .fd = open(path, O_RDWR | O_CLOEXEC) };
	struct tpm_executor executor = { .execute = execute, .context = &client };
	struct timing timing;
	char more[128];
	int r;

	if (client.fd < 0)
		return error_set(err, errno, "open %s", path);
	r = workload_prepare(name, config->null ? NULL : &executor, &client.workload, err);
	if (r == 0)
		r = timing_measure(config->rounds, do_round, &client, &timing, err);
	workload_finish(&client.workload, config->null ? NULL : &executor);
	(void)close(client.fd);
	if (r < 0)
		return r;
	(void)snprintf(more, sizeof(more), "\"target\":\"%s\",\"command\":\"%s\"", config->target,
		       name);
	timing_print(&timing, more);
	return 0;
}

int main(int argc, char **argv)
{
	struct config config = { .target = "device", .rounds = 2000 };
	struct error err = { "" };
	int first, r;

	r = options_parse(specs, argc, argv, &config, &first, &err);
	if (r == 0 && (argc - first != 2 || config.rounds < 10))
		r = error_say(&err, EINVAL, "usage: bench-client [OPTION...] DEVICE COMMAND");
	if (r == 0) {
		if (!config.unpinned)
			timing_pin();
		r = run(&config, argv[first], argv[first + 1], &err);
	}
	if (r < 0)
		(void)fprintf(stderr, "bench-client: %s\n", err.text);
	return r < 0;
}
