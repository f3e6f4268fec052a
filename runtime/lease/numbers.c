/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/lease/numbers.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "runtime/config/entry.h"
#include "runtime/lease/book.h"
#include "runtime/lease/index.h"
#include "runtime/lease/lease.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/file.h"
#include "util/free_major.h"
#include "util/next_minor.h"

/* A line for each device, a thousand of them and their twins, of at most 70 characters. */
#define DEVICES_MAX (1 << 20)

static bool is_ours(uint32_t major, const void *index)
{
	return lease_index_has_major(index, major);
}

int numbers_free_major(const struct lease_index *index, const char *devices, uint32_t *ret)
{
	return free_major(devices, is_ours, index, ret);
}

static int take_major(const struct lease_book *book, const struct number_wishes *wishes,
		      const struct vtpm_entry *entry, uint32_t *ret, struct error *err)
{
	cleanup_free char *devices = NULL;
	int64_t wanted = entry->major > 0 ? entry->major : wishes->major;
	int r;

	if (wanted > 0) {
		*ret = (uint32_t)wanted;
		return 0;
	}
	r = read_path("/proc/devices", DEVICES_MAX, &devices, NULL);
	if (r < 0)
		return error_set(err, -r, "read /proc/devices");
	r = numbers_free_major(lease_book_index(book), devices, ret);
	return r < 0 ? error_say(err, ENOSPC, "every major number for local use is taken") : 0;
}

/* Whether LEASE, which is not in the book yet, has the number. */
static bool has_number(const struct lease *lease, uint32_t major, uint32_t minor)
{
	for (size_t i = 0; i < lease->count; i++) {
		const struct lease_vtpm *vtpm = &lease->vtpms[i];

		for (size_t j = 0; j < vtpm->node_count; j++) {
			if (vtpm->major == major && vtpm->nodes[j].minor == minor)
				return true;
		}
	}
	return false;
}

static int check_number(const struct lease_book *book, const struct lease *lease, uint32_t major,
			uint32_t minor, struct error *err)
{
	const char *owner = lease_index_number_owner(lease_book_index(book), major, minor);

	if (owner != NULL)
		return error_say(err, EBUSY, "device number %u:%u is taken by container %s", major,
				 minor, owner);
	if (has_number(lease, major, minor))
		return error_say(err, EBUSY, "device number %u:%u is there twice", major, minor);
	if (minor_is_in_use(major, minor, NULL))
		return error_say(err, EBUSY, "device number %u:%u is in use on this host", major,
				 minor);
	return 0;
}

/* A number that an entry asks for is its own, also when that entry's turn is still to come. */
static bool is_wished_for(const struct number_wishes *wishes, uint32_t major, uint32_t minor)
{
	for (size_t i = 0; i < wishes->count; i++) {
		const struct vtpm_entry *entry = &wishes->entries[i];

		if (entry->minor >= 0 && (uint32_t)entry->minor == minor &&
		    (uint32_t)entry->major == major)
			return true;
	}
	return false;
}

static int next(struct lease_book *book, const struct number_wishes *wishes,
		const struct lease *lease, uint32_t major, uint32_t *ret, struct error *err)
{
	int r;

	do {
		r = lease_book_next_minor(book, major, ret, err);
	} while (r == 0 && (has_number(lease, major, *ret) || is_wished_for(wishes, major, *ret)));
	return r;
}

/* Numbers go round, so that the next one is never the one before. */
int numbers_take(struct lease_book *book, const struct number_wishes *wishes,
		 const struct lease *lease, const struct vtpm_entry *entry, struct lease_vtpm *vtpm,
		 struct error *err)
{
	int r = take_major(book, wishes, entry, &vtpm->major, err);

	for (size_t i = 0; r == 0 && i < vtpm->node_count; i++) {
		if (i == 0 && entry->minor >= 0) {
			vtpm->nodes[i].minor = (uint32_t)entry->minor;
			r = check_number(book, lease, vtpm->major, vtpm->nodes[i].minor, err);
		} else {
			r = next(book, wishes, lease, vtpm->major, &vtpm->nodes[i].minor, err);
		}
	}
	return r;
}
