/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * stress NODE CLIENTS ROUNDS [KILL]: clients on /dev/NODE seal, load, unseal by a policy session
 * and sign, and check what they get; with KILL, that many more are killed in the middle of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/common/commands.h"
#include "tpm/tcg.h"
#include "util/bytes.h"

static uint8_t response[TPM_COMMAND_MAX];
static size_t response_len;

static void fail(const char *what, uint32_t code)
{
	(void)printf("client %d: %s: %x (%s)\n", (int)getpid(), what, code, strerrorname_np(errno));
	exit(1);
}

static void run(int fd, const struct tpm_command *command, const char *what)
{
	ssize_t n;

	if (write(fd, command->bytes, command->len) != (ssize_t)command->len)
		fail(what, 0);
	n = read(fd, response, sizeof(response));
	if (n < TPM_HEADER_SIZE)
		fail(what, 0);
	response_len = (size_t)n;
	if (get_be32(response + 6) != 0)
		fail(what, get_be32(response + 6));
}

static uint32_t new_handle(void)
{
	return get_be32(response + TPM_HEADER_SIZE);
}

/* The sealed secret is this client's and this round's. */
static void seal_and_unseal(int fd, uint32_t parent, unsigned int round)
{
	uint8_t blobs[TPM_COMMAND_MAX], secret[16];
	struct tpm_command command;
	uint32_t item, session;
	size_t len;

	put_be64(secret, (uint64_t)getpid());
	put_be64(secret + 8, round);
	command_seal(&command, parent, secret, sizeof(secret));
	run(fd, &command, "Create");
	/* outPrivate and outPublic, behind the size of the parameters. */
	len = 2u + get_be16(response + 14);
	len += 2u + get_be16(response + 14 + len);
	memcpy(blobs, response + 14, len);
	command_load(&command, parent, blobs, len);
	run(fd, &command, "Load");
	item = new_handle();
	command_start_session(&command, 1);
	run(fd, &command, "StartAuthSession");
	session = new_handle();
	command_unseal(&command, item, session, round % 2);
	run(fd, &command, "Unseal");
	if (get_be16(response + 14) != sizeof(secret) ||
	    memcmp(response + 16, secret, sizeof(secret)) != 0)
		fail("another client's secret", 0);
	if (round % 2) {
		command_with_handle(&command, TPM2_CC_FlushContext, session);
		run(fd, &command, "FlushContext");
	}
	command_with_handle(&command, TPM2_CC_FlushContext, item);
	run(fd, &command, "FlushContext");
}

static void sign(int fd, uint32_t key, unsigned int round)
{
	uint8_t digest[32] = { (uint8_t)round };
	struct tpm_command command;

	command_sign(&command, key, digest);
	run(fd, &command, "Sign");
	if (get_be16(response + 14) != TPM2_ALG_ECDSA)
		fail("no ECDSA signature", 0);
}

static void read_name(int fd, uint32_t key, uint8_t name[static 34])
{
	struct tpm_command command;
	size_t len;

	command_with_handle(&command, TPM2_CC_ReadPublic, key);
	run(fd, &command, "ReadPublic");
	len = get_be16(response + TPM_HEADER_SIZE);
	memcpy(name, response + TPM_HEADER_SIZE + 2 + len + 2, 34);
}

static int client(const char *node, unsigned int commands)
{
	uint8_t name[34], again[34];
	struct tpm_command command;
	uint32_t parent, signer;
	int fd;

	while ((fd = open(node, O_RDWR | O_CLOEXEC)) < 0 && errno == EMFILE)
		(void)usleep(1000);
	if (fd < 0)
		fail("open", 0);
	command_create_primary_ecc(&command, TPM2_RH_OWNER);
	run(fd, &command, "CreatePrimary");
	parent = new_handle();
	command_create_primary_signer(&command, TPM2_RH_NULL);
	run(fd, &command, "CreatePrimary");
	signer = new_handle();
	read_name(fd, signer, name);
	for (unsigned int done = 2; done < commands; done += 8) {
		seal_and_unseal(fd, parent, done);
		sign(fd, signer, done);
		read_name(fd, signer, again);
		if (memcmp(name, again, sizeof(name)) != 0)
			fail("another client's key", 0);
	}
	return close(fd);
}

static pid_t start(const char *node, unsigned int commands)
{
	pid_t child = fork();

	if (child == 0)
		exit(client(node, commands));
	return child;
}

int main(int argc, char **argv)
{
	unsigned int clients, commands, victims;
	int status, failed = 0;

	if (argc < 4)
		return 2;
	clients = (unsigned int)atoi(argv[2]);
	commands = (unsigned int)atoi(argv[3]);
	victims = argc > 4 ? (unsigned int)atoi(argv[4]) : 0;
	for (unsigned int i = 0; i < clients; i++)
		(void)start(argv[1], commands);
	for (unsigned int i = 0; i < victims; i++) {
		pid_t victim = start(argv[1], 1u << 30);

		(void)usleep(1000 * (unsigned int)(20 + random() % 60));
		(void)kill(victim, SIGKILL);
		if (waitpid(victim, &status, 0) != victim || !WIFSIGNALED(status))
			failed++;
	}
	while (wait(&status) > 0)
		failed += status != 0;
	(void)printf("%u clients, %u commands each, %u killed: %d failed\n", clients, commands,
		     victims, failed);
	return failed != 0;
}
