/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/record.h"

#include <errno.h>

#include "util/bytes.h"

/* "vtpm", and a number that changes with the layout. */
#define MAGIC 0x7674706d
#define LAYOUT 1

#define MANAGED 0x01
#define CONCEALED 0x02

enum offset {
	AT_MAGIC = 0,
	AT_LAYOUT = 4,
	AT_VERSION = 5,
	AT_FLAGS = 6, /* two bytes */
	AT_TIME = 8,
	AT_TOOK = 16,
	AT_OPEN = 24,
	AT_DROPPED = 32,
	AT_ERROR = 40,
	AT_COMMAND = 44,
	AT_RESPONSE = 48,
	AT_END = 52,
};

_Static_assert(AT_END == RECORD_HEADER_SIZE, "the header ends where its size says");

size_t record_encode(const struct record *record, uint8_t bytes[static RECORD_HEADER_SIZE])
{
	unsigned int flags = (record->managed ? MANAGED : 0U) | (record->concealed ? CONCEALED : 0);

	put_be32(bytes + AT_MAGIC, MAGIC);
	bytes[AT_LAYOUT] = LAYOUT;
	bytes[AT_VERSION] = (uint8_t)record->version;
	put_be16(bytes + AT_FLAGS, (uint16_t)flags);
	put_be64(bytes + AT_TIME, record->time_ns);
	put_be64(bytes + AT_TOOK, record->took_ns);
	put_be64(bytes + AT_OPEN, record->open);
	put_be64(bytes + AT_DROPPED, record->dropped);
	put_be32(bytes + AT_ERROR, (uint32_t)-record->error);
	put_be32(bytes + AT_COMMAND, (uint32_t)record->command_len);
	put_be32(bytes + AT_RESPONSE, (uint32_t)record->response_len);
	return RECORD_HEADER_SIZE + record->command_len + record->response_len;
}

int record_size(const uint8_t bytes[static RECORD_HEADER_SIZE], size_t *ret)
{
	uint32_t command_len = get_be32(bytes + AT_COMMAND);
	uint32_t response_len = get_be32(bytes + AT_RESPONSE);
	uint8_t version = bytes[AT_VERSION];

	if (get_be32(bytes + AT_MAGIC) != MAGIC || bytes[AT_LAYOUT] != LAYOUT ||
	    (version != TPM_VERSION_1_2 && version != TPM_VERSION_2) ||
	    (get_be16(bytes + AT_FLAGS) & ~(MANAGED | CONCEALED)) != 0 ||
	    get_be32(bytes + AT_ERROR) > INT32_MAX || command_len > TPM_COMMAND_MAX ||
	    response_len > TPM_COMMAND_MAX)
		return -EPROTO;
	*ret = RECORD_HEADER_SIZE + (size_t)command_len + response_len;
	return 0;
}

int record_parse(const uint8_t *bytes, size_t len, struct record *ret)
{
	size_t size;
	unsigned int flags;

	if (len < RECORD_HEADER_SIZE || record_size(bytes, &size) < 0 || size != len)
		return -EPROTO;
	flags = get_be16(bytes + AT_FLAGS);
	*ret = (struct record){
		.time_ns = get_be64(bytes + AT_TIME),
		.took_ns = get_be64(bytes + AT_TOOK),
		.open = get_be64(bytes + AT_OPEN),
		.dropped = get_be64(bytes + AT_DROPPED),
		.error = -(int)get_be32(bytes + AT_ERROR),
		.managed = (flags & MANAGED) != 0,
		.concealed = (flags & CONCEALED) != 0,
		.version = (enum tpm_version)bytes[AT_VERSION],
		.command = bytes + RECORD_HEADER_SIZE,
		.command_len = get_be32(bytes + AT_COMMAND),
		.response_len = get_be32(bytes + AT_RESPONSE),
	};
	ret->response = ret->command + ret->command_len;
	return 0;
}
