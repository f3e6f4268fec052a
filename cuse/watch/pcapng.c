/* SPDX-License-Identifier: BSD-3-Clause */
#include "cuse/watch/pcapng.h"

#include <string.h>

#include "util/bytes.h"

/* Blocks and options of pcapng (draft-ietf-opsawg-pcapng), in big-endian order throughout. */
#define SECTION_HEADER 0x0a0d0d0a
#define BYTE_ORDER_MAGIC 0x1a2b3c4d
#define INTERFACE_DESCRIPTION 1
#define ENHANCED_PACKET 6
#define LINKTYPE_RAW 101 /* begins with the IP header */
#define OPT_END 0
#define OPT_COMMENT 1
#define OPT_IF_NAME 2
#define OPT_USER_APPLICATION 4
#define OPT_IF_TIME_RESOLUTION 9

#define IP_HEADER 20
#define TCP_HEADER 20
#define HEADERS (IP_HEADER + TCP_HEADER)
#define TPM_PORT 2321
#define FIRST_CLIENT_PORT 32768
#define LOOPBACK 0x7f000001
#define TCP_PSH_ACK 0x5018 /* and a header of five words */

/* The longest: a packet, and options of two names. */
struct block {
	uint8_t bytes[HEADERS + TPM_COMMAND_MAX + 1024];
	size_t len;
};

static uint8_t *grow(struct block *block, size_t len)
{
	uint8_t *at = block->bytes + block->len;

	block->len += len;
	return at;
}

static void add_u16(struct block *block, uint16_t value)
{
	put_be16(grow(block, 2), value);
}

static void add_u32(struct block *block, uint32_t value)
{
	put_be32(grow(block, 4), value);
}

/* Up to the next multiple of four. */
static void add_padded(struct block *block, const void *data, size_t len)
{
	memcpy(grow(block, len), data, len);
	while (block->len % 4 != 0)
		*grow(block, 1) = 0;
}

static void add_option(struct block *block, uint16_t option, const char *text)
{
	size_t len = strnlen(text, 300);

	add_u16(block, option);
	add_u16(block, (uint16_t)len);
	add_padded(block, text, len);
}

static void begin_block(struct block *block, uint32_t type)
{
	block->len = 0;
	add_u32(block, type);
	add_u32(block, 0);
}

static void write_block(struct block *block, FILE *out)
{
	add_u32(block, OPT_END);
	add_u32(block, (uint32_t)block->len + 4);
	put_be32(block->bytes + 4, (uint32_t)block->len);
	(void)fwrite(block->bytes, 1, block->len, out);
}

void pcapng_begin(struct pcapng *pcapng, FILE *out, const char *name)
{
	struct block block;

	*pcapng = (struct pcapng){ .out = out };
	begin_block(&block, SECTION_HEADER);
	add_u32(&block, BYTE_ORDER_MAGIC);
	add_u16(&block, 1);
	add_u16(&block, 0);
	add_u32(&block, UINT32_MAX); /* the section's length is unknown */
	add_u32(&block, UINT32_MAX);
	add_option(&block, OPT_USER_APPLICATION, PACKAGE_STRING);
	write_block(&block, out);

	begin_block(&block, INTERFACE_DESCRIPTION);
	add_u16(&block, LINKTYPE_RAW);
	add_u16(&block, 0);
	add_u32(&block, 0); /* packets are never cut */
	add_option(&block, OPT_IF_NAME, name);
	add_option(&block, OPT_IF_TIME_RESOLUTION, "\x09"); /* nanoseconds */
	write_block(&block, out);
}

/* The sum of 16-bit words, to which SUM is added (RFC 1071). */
static uint32_t add_words(uint32_t sum, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i + 1 < len; i += 2)
		sum += get_be16(bytes + i);
	if (len % 2 != 0)
		sum += (uint32_t)bytes[len - 1] << 8;
	return sum;
}

static uint16_t checksum(uint32_t sum)
{
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void put_ip(uint8_t *ip, size_t payload_len)
{
	memset(ip, 0, IP_HEADER);
	ip[0] = 0x45;
	put_be16(ip + 2, (uint16_t)(HEADERS + payload_len));
	put_be16(ip + 6, 0x4000); /* never in fragments */
	ip[8] = 64;
	ip[9] = 6; /* TCP */
	put_be32(ip + 12, LOOPBACK);
	put_be32(ip + 16, LOOPBACK);
	put_be16(ip + 10, checksum(add_words(0, ip, IP_HEADER)));
}

/* PAYLOAD follows the header. The sum has a pseudo header: addresses, protocol, length. */
static void put_tcp(uint8_t *tcp, const uint16_t ports[static 2], const uint32_t sent[static 2],
		    size_t payload_len)
{
	uint32_t sum = 2 * (LOOPBACK >> 16) + 2 * (LOOPBACK & 0xffff) + 6;

	memset(tcp, 0, TCP_HEADER);
	put_be16(tcp, ports[0]);
	put_be16(tcp + 2, ports[1]);
	put_be32(tcp + 4, 1 + sent[0]);
	put_be32(tcp + 8, 1 + sent[1]);
	put_be16(tcp + 12, TCP_PSH_ACK);
	put_be16(tcp + 14, UINT16_MAX);
	sum += (uint32_t)(TCP_HEADER + payload_len);
	put_be16(tcp + 16, checksum(add_words(sum, tcp, TCP_HEADER + payload_len)));
}

struct segment {
	uint64_t time_ns;
	const uint8_t *bytes;
	size_t len;
	uint16_t ports[2]; /* source, destination */
	uint32_t sent[2];  /* bytes sent before: by this side, by the other */
	const char *comment;
};

static void write_segment(const struct segment *segment, FILE *out)
{
	struct block block;
	size_t len = HEADERS + segment->len;
	uint8_t *packet;

	begin_block(&block, ENHANCED_PACKET);
	add_u32(&block, 0);
	add_u32(&block, (uint32_t)(segment->time_ns >> 32));
	add_u32(&block, (uint32_t)segment->time_ns);
	add_u32(&block, (uint32_t)len);
	add_u32(&block, (uint32_t)len);
	packet = grow(&block, HEADERS);
	add_padded(&block, segment->bytes, segment->len);
	put_ip(packet, segment->len);
	put_tcp(packet + IP_HEADER, segment->ports, segment->sent, segment->len);
	add_option(&block, OPT_COMMENT, segment->comment);
	write_block(&block, out);
}

void pcapng_add(struct pcapng *pcapng, const struct record *record, const char *node)
{
	size_t connection = record->open % PCAPNG_CONNECTIONS;
	uint16_t client = (uint16_t)(FIRST_CLIENT_PORT + connection);
	uint32_t *sent = pcapng->sent[connection];
	char comment[300];
	const struct segment command = {
		.time_ns = record->time_ns,
		.bytes = record->command,
		.len = record->command_len,
		.ports = { client, TPM_PORT },
		.sent = { sent[0], sent[1] },
		.comment = comment,
	};
	const struct segment response = {
		.time_ns = record->time_ns + record->took_ns,
		.bytes = record->response,
		.len = record->response_len,
		.ports = { TPM_PORT, client },
		.sent = { sent[1], sent[0] + (uint32_t)record->command_len },
		.comment = comment,
	};

	(void)snprintf(comment, sizeof(comment), "open %llu of %s%s",
		       (unsigned long long)record->open, node,
		       record->concealed ? "; secrets are left out as zeros" : "");
	write_segment(&command, pcapng->out);
	if (record->response_len > 0)
		write_segment(&response, pcapng->out);
	sent[0] += (uint32_t)record->command_len;
	sent[1] += (uint32_t)record->response_len;
}
