/* SPDX-License-Identifier: BSD-3-Clause */
#include "verify/log/record.h"

#include <string.h>

#include "util/bytes.h"
#include "util/error.h"

/* The fields of a record. */
#define FIELD_NUMBER 0
#define FIELD_PCR 1
#define FIELD_DIGESTS 3

#define NUMBER_SIZE 8

static size_t digests_size(const struct cel_record *record)
{
	size_t size = 0;

	for (size_t i = 0; i < record->digest_count; i++)
		size += CEL_TLV_HEADER + record->digests[i].bank->size;
	return size;
}

size_t cel_record_size(const struct cel_record *record)
{
	return 3 * CEL_TLV_HEADER + NUMBER_SIZE + 1 + digests_size(record) +
	       cel_content_size(&record->event);
}

static uint8_t *put_header(uint8_t *p, uint8_t type, size_t len)
{
	p[0] = type;
	put_be32(p + 1, (uint32_t)len);
	return p + CEL_TLV_HEADER;
}

void cel_record_write(const struct cel_record *record, uint8_t *bytes)
{
	uint8_t *p = put_header(bytes, FIELD_NUMBER, NUMBER_SIZE);

	put_be64(p, record->number);
	p = put_header(p + NUMBER_SIZE, FIELD_PCR, 1);
	*p++ = record->event.pcr;
	p = put_header(p, FIELD_DIGESTS, digests_size(record));
	for (size_t i = 0; i < record->digest_count; i++) {
		const struct cel_digest *digest = &record->digests[i];

		p = put_header(p, (uint8_t)digest->bank->alg, digest->bank->size);
		memcpy(p, digest->bytes, digest->bank->size);
		p += digest->bank->size;
	}
	cel_content_write(&record->event, p);
}

const struct cel_digest *cel_record_digest(const struct cel_record *record, const struct bank *bank)
{
	for (size_t i = 0; i < record->digest_count; i++) {
		if (record->digests[i].bank == bank)
			return &record->digests[i];
	}
	return NULL;
}

/* What is still to be read. */
struct rest {
	const uint8_t *p;
	size_t left;
};

/* The value of the TLV of TYPE that is next, and its length; NULL: there is none. */
static const uint8_t *get_field(struct rest *rest, uint8_t type, size_t *len)
{
	const uint8_t *value = rest->p + CEL_TLV_HEADER;

	if (rest->left < CEL_TLV_HEADER || rest->p[0] != type)
		return NULL;
	*len = get_be32(rest->p + 1);
	if (*len > rest->left - CEL_TLV_HEADER)
		return NULL;
	rest->p = value + *len;
	rest->left -= CEL_TLV_HEADER + *len;
	return value;
}

static int get_digest(struct rest *rest, struct cel_record *ret, struct error *err)
{
	uint8_t alg = rest->p[0];
	const struct bank *bank = bank_find(alg);
	size_t len;
	const uint8_t *value = get_field(rest, alg, &len);

	if (bank == NULL)
		return error_say(err, EINVAL, "a digest is of an unknown algorithm, 0x%02x", alg);
	if (value == NULL || len != bank->size)
		return error_say(err, EINVAL, "the digest of %s has another size", bank->name);
	if (cel_record_digest(ret, bank) != NULL)
		return error_say(err, EINVAL, "there are two digests of %s", bank->name);
	ret->digests[ret->digest_count].bank = bank;
	memcpy(ret->digests[ret->digest_count].bytes, value, len);
	ret->digest_count++;
	return 0;
}

static int get_digests(struct rest *rest, struct cel_record *ret, struct error *err)
{
	struct rest digests;
	int r = 0;

	digests.p = get_field(rest, FIELD_DIGESTS, &digests.left);
	if (digests.p == NULL || digests.left == 0)
		return error_say(err, EINVAL, "there are no digests");
	while (r == 0 && digests.left > 0)
		r = get_digest(&digests, ret, err);
	return r;
}

int cel_record_parse(const uint8_t *bytes, size_t len, struct cel_record *ret, struct error *err)
{
	struct rest rest = { bytes, len };
	const uint8_t *value;
	size_t size;
	int r;

	memset(ret, 0, sizeof(*ret));
	value = get_field(&rest, FIELD_NUMBER, &size);
	if (value == NULL || size != NUMBER_SIZE)
		return error_say(err, EINVAL, "there is no number of eight bytes");
	ret->number = get_be64(value);
	value = get_field(&rest, FIELD_PCR, &size);
	if (value == NULL || size != 1)
		return error_say(err, EINVAL, "there is no register");
	ret->event.pcr = value[0];
	r = get_digests(&rest, ret, err);
	if (r < 0)
		return r;
	ret->content = rest.p;
	r = cel_content_parse(rest.p, rest.left, &ret->event);
	if (r < 0)
		return error_say(err, -r, "there is no event of a known kind");
	ret->content_len = (size_t)r;
	return (int)((size_t)(ret->content - bytes) + ret->content_len);
}
