/* SPDX-License-Identifier: BSD-3-Clause */
/* Tables of rules that a device keeps; each rule is a function that returns when it was kept. */
#ifndef VTPM_TESTS_GUEST_RULES_H
#define VTPM_TESTS_GUEST_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tests/common/commands.h"

/* Ends the program with the line, the rule and what errno says. */
#define expect(condition) expect_that((condition), #condition, __LINE__)
void expect_that(bool condition, const char *text, int line);

struct rule {
	const char *name;
	void (*check)(void);
};

/* Names of the devices. */
extern const char *exclusive, *managed;

int open_device(const char *name, int flags);
ssize_t write_command(int fd, const struct tpm_command *command);

/* Writes and reads; returns the TPM's code. */
uint32_t transact(int fd, const struct tpm_command *command, uint8_t *response, size_t *len);

/* poll() without waiting. */
short poll_now(int fd);

/* Opens the exclusive node and flushes what earlier users left in the TPM. */
int open_empty(int flags);

extern const struct rule exclusive_rules[], managed_rules[];

#endif
