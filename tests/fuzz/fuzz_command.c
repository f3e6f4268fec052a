/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Commands and responses as bytes. A header that is accepted tells the truth; a reader gives just
 * the bytes there are, then zeros; and what a builder was given a reader gets back.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tpm/command.h"
#include "util/bytes.h"

#define FIELDS_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition)
{
	if (!condition)
		abort();
}

static void try_header(const uint8_t *data, size_t size)
{
	struct tpm_header header;

	if (tpm_header_parse(data, size, &header) < 0)
		return;
	must(size >= TPM_HEADER_SIZE && header.size == size);
	must(header.tag == get_be16(data) && header.code == get_be32(data + 6));
}

/* How far a reader has got by its own account is where it is. */
static void check_place(const struct tpm_reader *reader, const uint8_t *data, size_t size)
{
	must(reader->left <= size && reader->p == data + (size - reader->left));
}

static void read_one(struct tpm_reader *reader, uint8_t kind)
{
	bool was_truncated = reader->truncated;
	size_t before = reader->left, len = 0;
	const uint8_t *bytes;

	switch (kind % 5) {
	case 0:
		must(tpm_get_u8(reader) == 0 || !reader->truncated);
		break;
	case 1:
		must(tpm_get_u16(reader) == 0 || !reader->truncated);
		break;
	case 2:
		must(tpm_get_u32(reader) == 0 || !reader->truncated);
		break;
	case 3:
		bytes = tpm_get_bytes(reader, kind);
		must((bytes == NULL) == reader->truncated);
		must(bytes == NULL || before - reader->left == kind);
		break;
	default:
		bytes = tpm_get_sized(reader, &len);
		must((bytes == NULL) == reader->truncated);
		must(bytes == NULL || before - reader->left == 2 + len);
		break;
	}
	must(!was_truncated || (reader->truncated && reader->left == before));
}

/* The input says what to read from itself. */
static void try_reader(const uint8_t *data, size_t size)
{
	struct tpm_reader reader = { data, size, false };

	for (size_t i = 0; i < size && i < FIELDS_MAX; i++) {
		read_one(&reader, data[i]);
		check_place(&reader, data, size);
	}
}

/* The input as fields: a kind, and the value that comes next. */
static void put_one(struct tpm_command *command, uint8_t kind, const uint8_t *value, size_t left)
{
	switch (kind % 5) {
	case 0:
		tpm_put_u8(command, value[0]);
		break;
	case 1:
		tpm_put_u16(command, get_be16(value));
		break;
	case 2:
		tpm_put_u32(command, get_be32(value));
		break;
	case 3:
		tpm_put_bytes(command, value, kind < left ? kind : left);
		break;
	default:
		tpm_put_sized(command, value, kind < left ? kind : left);
		break;
	}
}

static void get_one(struct tpm_reader *reader, uint8_t kind, const uint8_t *value, size_t left)
{
	size_t expected = kind < left ? kind : left, len = expected;
	const uint8_t *bytes;

	switch (kind % 5) {
	case 0:
		must(tpm_get_u8(reader) == value[0]);
		return;
	case 1:
		must(tpm_get_u16(reader) == get_be16(value));
		return;
	case 2:
		must(tpm_get_u32(reader) == get_be32(value));
		return;
	case 3:
		bytes = tpm_get_bytes(reader, expected);
		break;
	default:
		bytes = tpm_get_sized(reader, &len);
		break;
	}
	must(bytes != NULL && len == expected && memcmp(bytes, value, len) == 0);
}

typedef void field_function(void *place, uint8_t kind, const uint8_t *value, size_t left);

static void put_field(void *place, uint8_t kind, const uint8_t *value, size_t left)
{
	put_one(place, kind, value, left);
}

static void get_field(void *place, uint8_t kind, const uint8_t *value, size_t left)
{
	get_one(place, kind, value, left);
}

static void each_field(const uint8_t *data, size_t size, field_function *function, void *place)
{
	for (size_t i = 0; i + 5 <= size && i < FIELDS_MAX; i += 5)
		function(place, data[i], data + i + 1, size - i - 1);
}

static void try_round_trip(const uint8_t *data, size_t size)
{
	struct tpm_command command;
	struct tpm_reader reader;
	struct tpm_header header;

	tpm_command_begin(&command, 0x8001, 0x17b);
	each_field(data, size, put_field, &command);
	must(command.len <= sizeof(command.bytes));
	if (tpm_command_end(&command) < 0) {
		must(command.overflow);
		return;
	}
	must(tpm_header_parse(command.bytes, command.len, &header) == 0);
	must(header.tag == 0x8001 && header.code == 0x17b);

	reader = (struct tpm_reader){ command.bytes + TPM_HEADER_SIZE,
				      command.len - TPM_HEADER_SIZE, false };
	each_field(data, size, get_field, &reader);
	must(!reader.truncated && reader.left == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_header(data, size);
	try_reader(data, size);
	try_round_trip(data, size);
	return 0;
}
