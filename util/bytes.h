/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Big-endian integers at any address, as TPM structures and the state file have them; hex and
 * numbers as text.
 */
#ifndef VTPM_UTIL_BYTES_H
#define VTPM_UTIL_BYTES_H

#include <stddef.h>
#include <stdint.h>

static inline uint16_t get_be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t get_be32(const uint8_t *p)
{
	return (uint32_t)get_be16(p) << 16 | get_be16(p + 2);
}

static inline uint64_t get_be64(const uint8_t *p)
{
	return (uint64_t)get_be32(p) << 32 | get_be32(p + 4);
}

static inline void put_be16(uint8_t *p, uint16_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static inline void put_be32(uint8_t *p, uint32_t value)
{
	put_be16(p, (uint16_t)(value >> 16));
	put_be16(p + 2, (uint16_t)value);
}

static inline void put_be64(uint8_t *p, uint64_t value)
{
	put_be32(p, (uint32_t)(value >> 32));
	put_be32(p + 4, (uint32_t)value);
}

/* Writes 2 * len lower-case digits and a NUL to text. */
void hex_encode(const uint8_t *bytes, size_t len, char *text);

/* Reads exactly 2 * len digits of either case; -EINVAL when there is anything else. */
int hex_decode(const char *text, size_t text_len, uint8_t *bytes, size_t len);

/* Reads a whole text of digits, a number from 0 to MOST; -EINVAL when it is anything else. */
int number_parse(const char *text, int base, unsigned long most, unsigned long *ret);

#endif
