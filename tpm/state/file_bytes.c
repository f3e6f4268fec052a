/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/state/file_bytes.h"

#include <errno.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/error.h"

int file_bytes_append(struct wiped *all, const struct seal *seal, const struct state_header *header,
		      struct state_slot *slot, const uint8_t *data)
{
	cleanup_wiped struct wiped longer = { 0 };
	struct state_header own = *header;
	uint8_t *file;
	int r;

	own.blob = slot->blob;
	own.slot_size = state_slot_size_for(slot->len);
	seal_check(seal, own.check);
	if (own.slot_size == 0)
		return -EFBIG;
	longer.len = all->len + (size_t)state_slot_offset(own.slot_size, STATE_SLOTS);
	longer.data = calloc(1, longer.len);
	if (longer.data == NULL)
		return -ENOMEM;
	file = longer.data + all->len;
	r = state_header_build(&own, file);
	if (r == 0)
		r = seal_slot(seal, file, slot, data, file + STATE_BLOCK);
	if (r < 0)
		return r;
	if (all->len > 0)
		memcpy(longer.data, all->data, all->len);
	wiped_done(all);
	*all = longer;
	longer.data = NULL;
	return 0;
}

int file_bytes_parse(const uint8_t *bytes, size_t len, struct state_header *ret, size_t *size,
		     struct error *err)
{
	struct state_header header;
	uint64_t expected;
	int r;

	if (len < STATE_BLOCK)
		return error_say(err, EBADMSG, "cut off after %zu bytes", len);
	r = state_header_parse(bytes, &header, err);
	if (r < 0)
		return r;
	expected = state_slot_offset(header.slot_size, STATE_SLOTS);
	if (len < expected)
		return error_say(err, EBADMSG, "cut off after %zu bytes", len);
	*ret = header;
	*size = (size_t)expected;
	return 0;
}

/* 0: SLOT is newer than what *SLOT and *DATA were, and has taken their place. */
static int try_slot(const uint8_t *bytes, const struct state_header *header,
		    const struct seal *seal, unsigned int number, struct state_slot *best,
		    uint8_t **data)
{
	const uint8_t *place = bytes + state_slot_offset(header->slot_size, number);
	uint8_t *blob;
	struct state_slot slot;
	int r;

	r = state_slot_parse(place, header->blob, header->slot_size, &slot);
	if (r < 0 || slot.generation <= best->generation)
		return r < 0 ? r : -ENODATA;
	blob = malloc(slot.len);
	if (blob == NULL)
		return -ENOMEM;
	r = seal_open(seal, bytes, &slot, place + STATE_SLOT_HEADER_SIZE, blob);
	if (r < 0) {
		free(blob);
		return r;
	}
	wipe_and_free(*data, best->len);
	*data = blob;
	*best = slot;
	return 0;
}

int file_bytes_open(const uint8_t *bytes, const struct state_header *header,
		    const struct seal *seal, struct state_slot *slot, uint8_t **data,
		    struct error *err)
{
	struct state_slot best = { 0 };
	uint8_t *blob = NULL;

	if (!seal_is_of(seal, header))
		return error_say(err, EKEYREJECTED, "wrong %s", key_kind_name(header->key));
	for (unsigned int i = 0; i < STATE_SLOTS; i++) {
		if (try_slot(bytes, header, seal, i, &best, &blob) == -ENOMEM) {
			free(blob);
			return error_set(err, ENOMEM, "read a state");
		}
	}
	if (blob == NULL)
		return error_say(err, EBADMSG, "corrupt: neither of its slots verifies");
	*slot = best;
	*data = blob;
	return 0;
}
