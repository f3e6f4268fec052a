/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rules EXCLUSIVE MANAGED: checks that /dev/EXCLUSIVE and /dev/MANAGED behave as the kernel's
 * /dev/tpmN and /dev/tpmrmN. One line per rule; the first one that is broken ends it.
 */
#include "tests/guest/rules.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/bytes.h"

const char *exclusive, *managed;

static const char *current_rule = "start";

void expect_that(bool condition, const char *text, int line)
{
	if (condition)
		return;
	(void)printf("BROKEN %s (line %d): %s (errno %s)\n", current_rule, line, text,
		     strerrorname_np(errno));
	exit(1);
}

int open_device(const char *name, int flags)
{
	char path[256];
	struct stat st;

	(void)snprintf(path, sizeof(path), "/dev/%s", name);
	expect(stat(path, &st) == 0 && S_ISCHR(st.st_mode));
	return open(path, O_RDWR | O_CLOEXEC | flags);
}

ssize_t write_command(int fd, const struct tpm_command *command)
{
	return write(fd, command->bytes, command->len);
}

uint32_t transact(int fd, const struct tpm_command *command, uint8_t *response, size_t *len)
{
	uint8_t own[TPM_COMMAND_MAX];
	uint8_t *to = response != NULL ? response : own;
	ssize_t n;

	expect(write_command(fd, command) == (ssize_t)command->len);
	n = read(fd, to, TPM_COMMAND_MAX);
	expect(n >= TPM_HEADER_SIZE && get_be32(to + 2) == (uint32_t)n);
	if (len != NULL)
		*len = (size_t)n;
	return get_be32(to + 6);
}

short poll_now(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN | POLLOUT };

	expect(poll(&poll_fd, 1, 0) >= 0);
	return poll_fd.revents;
}

static void check_all(const struct rule *rules)
{
	for (; rules->name != NULL; rules++) {
		current_rule = rules->name;
		rules->check();
		(void)printf("kept: %s\n", rules->name);
		(void)fflush(stdout);
	}
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	exclusive = argv[1];
	managed = argv[2];
	check_all(exclusive_rules);
	check_all(managed_rules);
	return 0;
}
