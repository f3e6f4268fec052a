/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Speaks to a TPM's device in single system calls, and prints what each of them gave: for tests.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "util/bytes.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/options.h"

/* Longer than any command that a device takes. */
#define DATA_MAX 70000

struct client {
	const char *device;
	bool nonblock, poll, help;
	uint32_t read_size, repeat, random, seed;
	int fd;
};

static const struct option_spec specs[] = {
	{ "nonblock", 0, NULL, "open with O_NONBLOCK", option_flag,
	  offsetof(struct client, nonblock) },
	{ "poll", 0, NULL, "wait with poll() before each read", option_flag,
	  offsetof(struct client, poll) },
	{ "read", 0, "N", "read responses in pieces of N bytes", option_u32,
	  offsetof(struct client, read_size) },
	{ "repeat", 0, "N", "do all steps N times", option_u32, offsetof(struct client, repeat) },
	{ "random", 0, "N", "then send N commands: noise, and the steps with wrong bytes",
	  option_u32, offsetof(struct client, random) },
	{ "seed", 0, "N", "what the random commands depend on", option_u32,
	  offsetof(struct client, seed) },
	{ "help", 'h', NULL, "print this and exit", option_flag, offsetof(struct client, help) },
	{ 0 },
};

static void help(void)
{
	(void)puts(
		"usage: raw_client [OPTION...] DEVICE STEP...\n"
		"Opens DEVICE, does the steps, and prints a line for each: hex, a number, or the\n"
		"name of an error; \"-\" is nothing.\n\n"
		"  HEX       write these bytes, then read the response\n"
		"  write:HEX write these bytes: how many were taken\n"
		"  read[:N]  read N bytes at most (4096): what came\n"
		"  poll[:MS] wait MS milliseconds at most (0): in, out, err, hup\n"
		"  ioctl:N   do ioctl number N\n"
		"  open      open the device a second time, and close that\n"
		"  reopen    close the device and open it again\n"
		"  sleep:MS  wait\n");
	options_help(specs, stdout);
}

static int fail(const char *what)
{
	(void)fprintf(stderr, "raw_client: %s: %s\n", what, strerror(errno));
	return 1;
}

static void print_result(ssize_t n)
{
	if (n < 0)
		(void)puts(strerrorname_np(errno));
	else
		(void)printf("%zd\n", n);
}

/* A test that writes to a file in the place of a device proves nothing. */
static int open_device(const struct client *client)
{
	cleanup_close int fd =
		open(client->device, O_RDWR | O_CLOEXEC | (client->nonblock ? O_NONBLOCK : 0));
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0 || !S_ISCHR(st.st_mode)) {
		errno = ENOTTY;
		return -1;
	}
	return take_fd(fd);
}

static ssize_t write_hex(const struct client *client, const char *hex)
{
	static uint8_t data[DATA_MAX];
	size_t digits = strlen(hex);

	if (digits / 2 > sizeof(data) || hex_decode(hex, digits, data, digits / 2) < 0) {
		(void)fprintf(stderr, "raw_client: '%.40s' is no step\n", hex);
		exit(2);
	}
	return write(client->fd, data, digits / 2);
}

static ssize_t read_hex(const struct client *client, size_t len)
{
	static uint8_t data[DATA_MAX];
	static char hex[2 * DATA_MAX + 1];
	ssize_t n = read(client->fd, data, len < sizeof(data) ? len : sizeof(data));

	if (n < 0) {
		(void)puts(strerrorname_np(errno));
		return n;
	}
	hex_encode(data, (size_t)n, hex);
	(void)puts(n > 0 ? hex : "-");
	return n;
}

static int wait_for(const struct client *client, short events, int ms)
{
	struct pollfd fd = { .fd = client->fd, .events = events };

	return poll(&fd, 1, ms) > 0 ? fd.revents : 0;
}

static void print_poll(int events)
{
	(void)printf("%s%s%s%s%s\n", events == 0 ? "-" : "", events & POLLIN ? "in" : "",
		     events & POLLOUT ? "out" : "", events & POLLERR ? "err" : "",
		     events & POLLHUP ? "hup" : "");
}

/* The whole response, piece by piece when that was asked for: a line each. */
static void exchange(const struct client *client, const char *hex)
{
	size_t piece = client->read_size > 0 ? client->read_size : 4096;
	ssize_t n = write_hex(client, hex);

	if (n < 0) {
		print_result(n);
		return;
	}
	do {
		if (client->poll)
			(void)wait_for(client, POLLIN | POLLOUT, -1);
		n = read_hex(client, piece);
	} while (n > 0 && client->read_size > 0);
}

static int reopen(struct client *client)
{
	closep(&client->fd);
	client->fd = open_device(client);
	print_result(client->fd < 0 ? -1 : 0);
	return client->fd < 0 ? fail(client->device) : 0;
}

static void open_second(const struct client *client)
{
	cleanup_close int fd = open_device(client);

	print_result(fd < 0 ? -1 : 0);
}

/* The value behind "NAME:", or "" for NAME alone; NULL: STEP is another one. */
static const char *value_of(const char *step, const char *name)
{
	size_t len = strlen(name);

	if (strncmp(step, name, len) != 0 || (step[len] != ':' && step[len] != '\0'))
		return NULL;
	return step[len] == ':' ? step + len + 1 : "";
}

static unsigned long number(const char *value, unsigned long otherwise)
{
	return *value != '\0' ? strtoul(value, NULL, 0) : otherwise;
}

/* A request's number says how much of it the kernel copies: 14 bits. */
static uint8_t ioctl_data[1 << 14];

static int do_step(struct client *client, const char *step)
{
	const char *value;

	if ((value = value_of(step, "write")) != NULL)
		print_result(write_hex(client, value));
	else if ((value = value_of(step, "read")) != NULL)
		(void)read_hex(client, number(value, 4096));
	else if ((value = value_of(step, "poll")) != NULL)
		print_poll(wait_for(client, POLLIN | POLLOUT, (int)number(value, 0)));
	else if ((value = value_of(step, "ioctl")) != NULL)
		print_result(ioctl(client->fd, number(value, 0), ioctl_data));
	else if ((value = value_of(step, "sleep")) != NULL)
		(void)poll(NULL, 0, (int)number(value, 0));
	else if (strcmp(step, "open") == 0)
		open_second(client);
	else if (strcmp(step, "reopen") == 0)
		return reopen(client);
	else
		exchange(client, step);
	return 0;
}

/* Noise behind a header that the TPM goes on to read behind. */
static void random_header(uint8_t *command, size_t len)
{
	if (len < 10)
		return;
	put_be16(command, rand() % 2 == 0 ? 0x8001 : 0x8002);
	put_be32(command + 2, (uint32_t)len);
	put_be32(command + 6, 0x11f + (uint32_t)rand() % 0x80);
	if (len < 27)
		return;
	/* A handle, and a session with an empty password. */
	put_be32(command + 10, 0x40000001 + (uint32_t)rand() % 12);
	put_be32(command + 14, 9);
	put_be32(command + 18, 0x40000009);
	memset(command + 22, 0, 5);
}

/* One of the command line's commands, with up to three wrong bytes behind its length. */
static size_t random_mutation(uint8_t *command, size_t max, int steps, char **step)
{
	const char *hex = step[rand() % steps];
	size_t len = strlen(hex) / 2;

	if (len > max || len <= 6 || hex_decode(hex, 2 * len, command, len) < 0)
		return 0;
	for (int i = rand() % 4; i > 0; i--)
		command[6 + (size_t)rand() % (len - 6)] = (uint8_t)rand();
	return len;
}

/* At least one byte: a write of nothing does not reach the device. */
static size_t random_command(uint8_t *command, size_t max, int steps, char **step)
{
	int kind = rand() % 3;
	size_t len = 0;

	if (kind == 0 && steps > 0)
		len = random_mutation(command, max, steps, step);
	if (len > 0)
		return len;
	len = 1 + (size_t)rand() % (rand() % 64 == 0 ? 4200 : 120);
	for (size_t i = 0; i < len; i++)
		command[i] = (uint8_t)rand();
	if (kind == 1)
		random_header(command, len);
	return len;
}

static int fail_command(const uint8_t *command, size_t len, ssize_t n)
{
	static char hex[16384 + 1];

	hex_encode(command, len, hex);
	(void)fprintf(stderr, "raw_client: a bad response of %zd bytes to %s\n", n, hex);
	return 1;
}

/* Each command is refused, or answered with a whole response. */
static int send_random(const struct client *client, int steps, char **step)
{
	static uint8_t command[8192], response[8192];
	unsigned int answered = 0, refused = 0;

	srand(client->seed);
	for (uint32_t i = 0; i < client->random; i++) {
		size_t len = random_command(command, sizeof(command), steps, step);
		ssize_t n = write(client->fd, command, len);

		if (n < 0 && (errno == EINVAL || errno == E2BIG || errno == ENODATA)) {
			refused++;
			continue;
		}
		if (n < 0)
			return fail("write");
		n = read(client->fd, response, sizeof(response));
		if (n < 0)
			return fail("read");
		if (n < 10 || get_be32(response + 2) != (uint32_t)n)
			return fail_command(command, len, n);
		answered++;
	}
	(void)printf("%u answered, %u refused\n", answered, refused);
	return 0;
}

static int run(struct client *client, int steps, char **step)
{
	int r = 0;

	client->fd = open_device(client);
	if (client->fd < 0)
		return fail(client->device);
	for (uint32_t n = 0; n < client->repeat && r == 0; n++) {
		for (int i = 0; i < steps && r == 0; i++)
			r = do_step(client, step[i]);
	}
	if (r == 0 && client->random > 0)
		r = send_random(client, steps, step);
	closep(&client->fd);
	return r;
}

int main(int argc, char **argv)
{
	struct client client = { .repeat = 1 };
	struct error err;
	int operands;

	if (options_parse(specs, argc, argv, &client, &operands, &err) < 0) {
		(void)fprintf(stderr, "raw_client: %s\n", err.text);
		return 2;
	}
	if (client.help || operands == argc) {
		help();
		return client.help ? 0 : 2;
	}
	client.device = argv[operands];
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	return run(&client, argc - operands - 1, argv + operands + 1);
}
