/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * TPM commands and responses as bytes: building, parsing, and what is known of a command by its
 * code. Pure functions; every read and write is bounds checked. TPM 2.0 Library Part 1, 18; TPM 1.2
 * Part 3.
 */
#ifndef VTPM_TPM_COMMAND_H
#define VTPM_TPM_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The largest command and response, as libtpms and the kernel's driver have it. */
#define TPM_COMMAND_MAX 4096
#define TPM_HEADER_SIZE 10

/* The most that an NV index of a TPM 2.0 holds, as libtpms has it (MAX_NV_INDEX_SIZE). */
#define TPM_NV_INDEX_MAX 2048

/* The ten bytes in front of every command and response; code is the command's or the response's. */
struct tpm_header {
	uint16_t tag;
	uint32_t size;
	uint32_t code;
};

/* -EMSGSIZE when LEN is too short for a header or the header's size is not LEN. */
int tpm_header_parse(const uint8_t *data, size_t len, struct tpm_header *ret);

/* A command in the making: put fields one by one; OVERFLOW stays set once something did not fit. */
struct tpm_command {
	uint8_t bytes[TPM_COMMAND_MAX];
	size_t len;
	bool overflow;
};

void tpm_command_begin(struct tpm_command *command, uint16_t tag, uint32_t code);
void tpm_put_u8(struct tpm_command *command, uint8_t value);
void tpm_put_u16(struct tpm_command *command, uint16_t value);
void tpm_put_u32(struct tpm_command *command, uint32_t value);
void tpm_put_bytes(struct tpm_command *command, const void *data, size_t len);

/* TPM2B: a 16-bit size and the bytes. */
void tpm_put_sized(struct tpm_command *command, const void *data, size_t len);

/* The authorization area of one session: a password session with an empty password. */
void tpm_put_empty_auth(struct tpm_command *command);

/* Writes the size into the header; -EMSGSIZE when it did not fit. */
int tpm_command_end(struct tpm_command *command);

/* What is still to be read; TRUNCATED stays set once more was asked for than there is (zeros are
 * given). */
struct tpm_reader {
	const uint8_t *p;
	size_t left;
	bool truncated;
};

uint8_t tpm_get_u8(struct tpm_reader *reader);
uint16_t tpm_get_u16(struct tpm_reader *reader);
uint32_t tpm_get_u32(struct tpm_reader *reader);

/* Borrows LEN bytes of what is read; NULL when there are fewer. */
const uint8_t *tpm_get_bytes(struct tpm_reader *reader, size_t len);

/* TPM2B: borrows the bytes, *LEN is their number; NULL when truncated. */
const uint8_t *tpm_get_sized(struct tpm_reader *reader, size_t *len);

enum tpm_version {
	TPM_VERSION_1_2 = 1,
	TPM_VERSION_2 = 2,
};

/* "1.2" or "2.0". */
const char *tpm_version_name(enum tpm_version version);

/* "2.0" or "2", which NULL stands for as well, or "1.2"; -EINVAL. */
int tpm_version_parse(const char *text, enum tpm_version *ret);

/* Whether the command may run so long that nobody should wait for it: keys made, tests run. */
bool tpm_command_is_long(enum tpm_version version, uint32_t code);

/* Whether the command may make the permanent state considerably larger: an index, a key. */
bool tpm_command_may_grow(enum tpm_version version, uint32_t code);

#endif
