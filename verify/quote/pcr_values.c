/* SPDX-License-Identifier: BSD-3-Clause */
#include "verify/quote/pcr_values.h"

#include <errno.h>
#include <string.h>

#include "util/error.h"

/*
 * tpm2-tools' other format is C structures, as a little-endian machine has them: the selection (16
 * banks), the number of lists, and lists of 8 digests each with the number of those in use.
 */
#define SELECTION_SIZE (4 + 16 * 8)
#define DIGESTS_A_LIST 8
#define DIGEST_SIZE (2 + 64)
#define LIST_SIZE (4 + DIGESTS_A_LIST * DIGEST_SIZE)

void pcr_values_begin(const struct pcr_selection *selections, size_t count, struct pcr_values *ret)
{
	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < count; i++) {
		for (uint8_t pcr = 0; pcr < PCRS; pcr++) {
			if ((selections[i].pcrs >> pcr & 1) == 0)
				continue;
			ret->values[ret->count].bank = selections[i].bank;
			ret->values[ret->count++].pcr = pcr;
		}
	}
}

static size_t size_of_all(const struct pcr_values *values)
{
	size_t size = 0;

	for (size_t i = 0; i < values->count; i++)
		size += values->values[i].bank->size;
	return size;
}

static void set(struct pcr_value *value, const uint8_t *bytes)
{
	memcpy(value->bytes, bytes, value->bank->size);
	value->known = true;
}

static size_t lists_of(size_t count)
{
	return (count + DIGESTS_A_LIST - 1) / DIGESTS_A_LIST;
}

static bool is_number(const uint8_t *bytes, size_t number)
{
	return bytes[0] == number && bytes[1] == 0;
}

/* Registers of the lists are in the order of the quote, whose selection is what counts. */
static int read_lists(struct pcr_values *values, const uint8_t *lists)
{
	for (size_t i = 0; i < values->count; i++) {
		const uint8_t *list = lists + i / DIGESTS_A_LIST * LIST_SIZE;
		const uint8_t *digest = list + 4 + i % DIGESTS_A_LIST * DIGEST_SIZE;
		const size_t left = values->count - i / DIGESTS_A_LIST * DIGESTS_A_LIST;

		if (!is_number(list, left < DIGESTS_A_LIST ? left : DIGESTS_A_LIST) ||
		    !is_number(digest, values->values[i].bank->size))
			return -EBADMSG;
		set(&values->values[i], digest + 2);
	}
	return 0;
}

int pcr_values_read(struct pcr_values *values, const uint8_t *data, size_t len, struct error *err)
{
	const size_t lists = lists_of(values->count);
	int r = 0;

	if (len == size_of_all(values)) {
		for (size_t i = 0; i < values->count; i++) {
			set(&values->values[i], data);
			data += values->values[i].bank->size;
		}
	} else if (len == SELECTION_SIZE + 4 + lists * LIST_SIZE &&
		   is_number(data + SELECTION_SIZE, lists)) {
		r = read_lists(values, data + SELECTION_SIZE + 4);
	} else {
		r = -EBADMSG;
	}
	return r == 0 ? 0
		      : error_say(err, EBADMSG,
				  "the registers' values are not those of the quote's selection");
}

size_t pcr_values_join(const struct pcr_values *values,
		       uint8_t bytes[static PCR_VALUES_MOST * BANK_DIGEST_MOST])
{
	size_t len = 0;

	for (size_t i = 0; i < values->count; i++) {
		memcpy(bytes + len, values->values[i].bytes, values->values[i].bank->size);
		len += values->values[i].bank->size;
	}
	return len;
}
