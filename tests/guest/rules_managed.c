/* SPDX-License-Identifier: BSD-3-Clause */
/* The rules of /dev/tpmrmN: drivers/char/tpm/tpmrm-dev.c and tpm2-space.c of Linux. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/guest/rules.h"
#include "tpm/tcg.h"
#include "util/bytes.h"

static uint8_t response[TPM_COMMAND_MAX];

static int open_managed(int flags)
{
	int fd = open_device(managed, flags);

	expect(fd >= 0);
	return fd;
}

static uint32_t make_key(int fd)
{
	struct tpm_command command;

	command_create_primary_signer(&command, TPM2_RH_NULL);
	expect(transact(fd, &command, response, NULL) == 0);
	return get_be32(response + TPM_HEADER_SIZE);
}

static uint32_t start_session(int fd)
{
	struct tpm_command command;

	command_start_session(&command, 1);
	expect(transact(fd, &command, response, NULL) == 0);
	return get_be32(response + TPM_HEADER_SIZE);
}

static uint32_t with_handle(int fd, uint32_t code, uint32_t handle)
{
	struct tpm_command command;

	command_with_handle(&command, code, handle);
	return transact(fd, &command, response, NULL);
}

static uint32_t count_handles(int fd, uint32_t first)
{
	struct tpm_command command;

	command_list_handles(&command, first, 64);
	expect(transact(fd, &command, response, NULL) == 0);
	return get_be32(response + 15);
}

static void many_openers(void)
{
	struct tpm_command command;
	int fds[100];

	command_get_random(&command, 8);
	for (int i = 0; i < 100; i++)
		fds[i] = open_managed(0);
	for (int i = 0; i < 100; i++)
		expect(transact(fds[i], &command, NULL, NULL) == 0);
	for (int i = 0; i < 100; i++)
		expect(close(fds[i]) == 0);
}

static void both_nodes_at_once(void)
{
	struct tpm_command command;
	int fd = open_managed(0), other = open_empty(0);

	expect(other >= 0);
	command_get_random(&command, 8);
	for (int i = 0; i < 50; i++) {
		expect(write_command(fd, &command) > 0);
		expect(transact(other, &command, NULL, NULL) == 0);
		expect(read(fd, response, sizeof(response)) == 20);
	}
	(void)close(fd);
	(void)close(other);
}

static void an_unknown_command(void)
{
	static const uint8_t answer[] = { 0x80, 0x01, 0, 0, 0, 10, 0x00, 0x0b, 0x01, 0x43 };
	struct tpm_command command;
	size_t len;
	int fd = open_managed(0);

	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, 0x00fedcba);
	expect(tpm_command_end(&command) == 0);
	expect(transact(fd, &command, response, &len) == 0x000b0143);
	expect(len == sizeof(answer) && memcmp(response, answer, len) == 0);
	(void)close(fd);
}

static void handles_are_the_opener_s(void)
{
	int fd = open_managed(0), other = open_managed(0);
	struct tpm_command command;

	expect(make_key(fd) == 0x80000000);
	expect(make_key(fd) == 0x80000001);
	expect(make_key(other) == 0x80000000);
	expect(count_handles(fd, 0x80000000) == 2);
	expect(count_handles(other, 0x80000000) == 1);
	command_with_handle(&command, TPM2_CC_ReadPublic, 0x80000001);
	expect(write_command(other, &command) < 0 && errno == EINVAL);
	command_with_handle(&command, TPM2_CC_ReadPublic, 0x80ffffff);
	expect(write_command(other, &command) < 0 && errno == EINVAL);
	expect(with_handle(fd, TPM2_CC_ReadPublic, 0x80000001) == 0);
	(void)close(fd);
	(void)close(other);
}

static void an_error_after_a_nonblocking_write_is_read(void)
{
	struct tpm_command command;
	int fd = open_managed(O_NONBLOCK);

	command_with_handle(&command, TPM2_CC_ReadPublic, 0x80ffffff);
	expect(write_command(fd, &command) == (ssize_t)command.len);
	expect(read(fd, response, sizeof(response)) < 0 && errno == EINVAL);
	expect(read(fd, response, sizeof(response)) == 0);
	(void)close(fd);
}

static void a_command_without_its_handles(void)
{
	struct tpm_command command;
	int fd = open_managed(0);

	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_ReadPublic);
	expect(tpm_command_end(&command) == 0);
	expect(write_command(fd, &command) < 0 && errno == EINVAL);
	(void)close(fd);
}

static void more_objects_than_slots(void)
{
	int fd = open_managed(0);

	for (int i = 0; i < 10; i++)
		expect(make_key(fd) == 0x80000000 + (uint32_t)i);
	for (int i = 0; i < 10; i++)
		expect(with_handle(fd, TPM2_CC_ReadPublic, 0x80000000 + (uint32_t)i) == 0);
	(void)close(fd);
}

static void a_close_flushes(void)
{
	int fd = open_managed(0), other = open_empty(0);

	for (int i = 0; i < 5; i++) {
		(void)make_key(fd);
		(void)start_session(fd);
	}
	expect(close(fd) == 0);
	expect(count_handles(other, 0x80000000) == 0);
	expect(count_handles(other, 0x02000000) == 0);
	expect(count_handles(other, 0x03000000) == 0);
	(void)close(other);
}

static void the_exclusive_node_sees_and_flushes_nothing(void)
{
	int fd = open_managed(0), other = open_empty(0);
	uint32_t key, session;

	expect(other >= 0);
	key = make_key(fd);
	session = start_session(fd);
	expect(count_handles(other, 0x80000000) == 0);
	expect(count_handles(other, 0x02000000) == 0);
	expect(count_handles(other, 0x03000000) == 1); /* where the manager has put it */
	expect(with_handle(other, TPM2_CC_ReadPublic, 0x80000000) != 0);
	expect(with_handle(other, TPM2_CC_FlushContext, 0x80000000) != 0);
	expect(with_handle(other, TPM2_CC_FlushContext, session) != 0);
	expect(with_handle(other, TPM2_CC_PolicyGetDigest, session) != 0);
	expect(with_handle(fd, TPM2_CC_ReadPublic, key) == 0);
	expect(with_handle(fd, TPM2_CC_PolicyGetDigest, session) == 0);
	(void)close(fd);
	(void)close(other);
}

/* As the kernel's own selftest asks (get_cap() in its tpm2.py): one at a time, by the number. */
static void handles_are_listed_one_by_one(void)
{
	int fd = open_managed(0), other = open_managed(0);
	struct tpm_command command;
	uint32_t property = 0x80000000, count = 0;
	bool more = true;

	(void)make_key(other);
	for (int i = 0; i < 5; i++)
		(void)make_key(fd);
	for (; more; property++) {
		command_list_handles(&command, property, 1);
		expect(transact(fd, &command, response, NULL) == 0);
		expect(get_be32(response + 15) == 1 && get_be32(response + 19) == property);
		more = response[TPM_HEADER_SIZE] != 0;
		expect(++count <= 5);
	}
	expect(count == 5);
	(void)close(fd);
	(void)close(other);
}

static void audit(int fd, uint32_t first)
{
	struct tpm_command command;
	uint32_t session;

	command_start_session(&command, 0);
	expect(transact(fd, &command, response, NULL) == 0);
	session = get_be32(response + TPM_HEADER_SIZE);
	command_audit_handles(&command, session, first, 64);
	expect(transact(fd, &command, response, NULL) == 0);
	expect(with_handle(fd, TPM2_CC_FlushContext, session) == 0);
}

static void a_session_can_audit_a_list(void)
{
	int fd = open_managed(0), other = open_empty(0);
	struct tpm_command command;

	(void)make_key(fd);
	audit(other, 0x80000000);
	audit(fd, 0x80000000);
	for (int i = 0; i < 3; i++)
		(void)make_key(fd);
	command_start_session(&command, 0);
	expect(transact(fd, &command, response, NULL) == 0);
	command_audit_handles(&command, get_be32(response + TPM_HEADER_SIZE), 0x80000000, 64);
	expect(transact(fd, &command, response, NULL) == 0x000b0145);
	(void)close(fd);
	(void)close(other);
}

static void what_the_exclusive_node_left_is_in_nobody_s_way(void)
{
	int fd = open_managed(0), other = open_empty(0);

	for (uint32_t i = 0; i < 3; i++)
		expect(make_key(other) == 0x80000000 + i);
	(void)close(other); /* which flushes nothing, as with the kernel's driver */
	for (uint32_t i = 0; i < 3; i++)
		expect(make_key(fd) == 0x80000000 + i);
	other = open_device(exclusive, 0);
	expect(other >= 0);
	expect(count_handles(other, 0x80000000) == 3);
	for (uint32_t i = 0; i < 3; i++)
		expect(with_handle(other, TPM2_CC_FlushContext, 0x80000000 + i) == 0);
	(void)close(fd);
	(void)close(other);
}

static void contexts_go_to_whoever_loads_them(void)
{
	int fd = open_managed(0), other = open_managed(0);
	struct tpm_command command;
	uint32_t session = start_session(fd);
	size_t len;

	command_with_handle(&command, TPM2_CC_ContextSave, session);
	expect(transact(fd, &command, response, &len) == 0);
	expect(close(fd) == 0); /* does not flush what was saved by its owner */
	tpm_command_begin(&command, TPM2_ST_NO_SESSIONS, TPM2_CC_ContextLoad);
	tpm_put_bytes(&command, response + TPM_HEADER_SIZE, len - TPM_HEADER_SIZE);
	expect(tpm_command_end(&command) == 0);
	expect(transact(other, &command, response, NULL) == 0);
	expect(get_be32(response + TPM_HEADER_SIZE) == session);
	expect(with_handle(other, TPM2_CC_FlushContext, session) == 0);
	(void)close(other);
}

/* Commands are taken in turn: a flood gets about one for each of another's. */
static void a_flood_does_not_starve(void)
{
	volatile unsigned int *floods =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct tpm_command command;
	unsigned int before;
	int fd;
	pid_t child;

	expect(floods != MAP_FAILED);
	command_get_random(&command, 8);
	child = fork();
	if (child == 0) {
		fd = open_managed(0);
		for (;; (*floods)++)
			(void)transact(fd, &command, NULL, NULL);
	}
	fd = open_managed(0);
	while (*floods < 100)
		(void)usleep(1000);
	before = *floods;
	for (int i = 0; i < 200; i++)
		expect(transact(fd, &command, NULL, NULL) == 0);
	expect(*floods - before < 200 * 10);
	expect(*floods - before > 200 / 10);
	expect(kill(child, SIGKILL) == 0);
	expect(waitpid(child, NULL, 0) == child);
	(void)close(fd);
}

const struct rule managed_rules[] = {
	{ "many openers", many_openers },
	{ "both nodes are served at once", both_nodes_at_once },
	{ "an unknown command is answered as by the kernel", an_unknown_command },
	{ "handles are the opener's own", handles_are_the_opener_s },
	{ "an error after a nonblocking write is read once",
	  an_error_after_a_nonblocking_write_is_read },
	{ "a command without its handles is EINVAL", a_command_without_its_handles },
	{ "there may be more objects than slots", more_objects_than_slots },
	{ "a close flushes everything", a_close_flushes },
	{ "the exclusive node sees and flushes nothing of it",
	  the_exclusive_node_sees_and_flushes_nothing },
	{ "handles are listed one by one", handles_are_listed_one_by_one },
	{ "a session can audit a list of handles", a_session_can_audit_a_list },
	{ "what the exclusive node left is in nobody's way",
	  what_the_exclusive_node_left_is_in_nobody_s_way },
	{ "a saved context goes to whoever loads it", contexts_go_to_whoever_loads_them },
	{ "a flood does not starve another opener", a_flood_does_not_starve },
	{ 0 },
};
