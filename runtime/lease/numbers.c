/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/lease/numbers.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "runtime/config/entry.h"
#include "runtime/host/device_number.h"
#include "runtime/host/tpm_device.h"
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

/* LEASE is not in the book yet. */
static int check_number(const struct lease_book *book, const struct lease *lease, uint32_t major,
			uint32_t minor, struct error *err)
{
	const char *owner = lease_index_number_owner(lease_book_index(book), major, minor);

	if (owner != NULL)
		return error_say(err, EBUSY, "device number %u:%u is taken by container %s", major,
				 minor, owner);
	if (lease_has_number(lease, major, minor))
		return error_say(err, EBUSY, "device number %u:%u is there twice", major, minor);
	if (minor_is_in_use(major, minor, NULL))
		return error_say(err, EBUSY, "device number %u:%u is in use on this host", major,
				 minor);
	return 0;
}

/* Whether any entry asks for the number, even one whose turn is still to come. */
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
	} while (r == 0 &&
		 (lease_has_number(lease, major, *ret) || is_wished_for(wishes, major, *ret)));
	return r;
}

/* The device at PATH; it is what the numbers say, if they say anything. */
static int look_at_path(const struct vtpm_entry *entry, const char *path, struct device_number *ret,
			struct error *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return error_set(err, errno, "hostPath %s", path);
	if (!S_ISCHR(st.st_mode))
		return error_say(err, EINVAL, "hostPath %s is not a character device", path);
	*ret = (struct device_number){ major(st.st_rdev), minor(st.st_rdev) };
	if (entry->minor >= 0 && (ret->major != entry->major || ret->minor != entry->minor))
		return error_say(err, EINVAL, "hostPath %s is device %u:%u, not %d:%d", path,
				 ret->major, ret->minor, (int)entry->major, (int)entry->minor);
	return 0;
}

/* The short form names an existing TPM. */
static int take_existing(const struct vtpm_entry *entry, struct lease_vtpm *vtpm, struct error *err)
{
	struct device_number number = { (uint32_t)entry->major, (uint32_t)entry->minor };
	int r = 0;

	if (entry->host_path != NULL)
		r = look_at_path(entry, entry->host_path, &number, err);
	if (r == 0)
		r = tpm_device_check(NULL, &number, err);
	vtpm->major = number.major;
	vtpm->nodes[0].minor = number.minor;
	return r;
}

/* Takes the number that was reserved before the container existed, if it fits the entry. */
static bool take_given(const struct lease *given, const struct vtpm_entry *entry,
		       struct lease_vtpm *vtpm)
{
	for (size_t i = 0; given != NULL && i < given->count; i++) {
		const struct lease_vtpm *one = &given->vtpms[i];

		if (strcmp(one->nodes[0].path, vtpm->nodes[0].path) != 0 ||
		    one->node_count != vtpm->node_count ||
		    (entry->major > 0 && one->major != entry->major) ||
		    (entry->minor >= 0 && one->nodes[0].minor != entry->minor))
			continue;
		vtpm->major = one->major;
		for (size_t j = 0; j < vtpm->node_count; j++)
			vtpm->nodes[j].minor = one->nodes[j].minor;
		return true;
	}
	return false;
}

/* Numbers go round, so that a new one never equals the previous one. */
static int take_new(struct lease_book *book, const struct number_wishes *wishes,
		    const struct lease *lease, const struct vtpm_entry *entry,
		    struct lease_vtpm *vtpm, struct error *err)
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

int numbers_take(struct lease_book *book, const struct number_wishes *wishes,
		 const struct lease *lease, const struct vtpm_entry *entry, struct lease_vtpm *vtpm,
		 struct error *err)
{
	if (entry->state_path == NULL)
		return take_existing(entry, vtpm, err);
	if (take_given(wishes->given, entry, vtpm))
		return 0;
	return take_new(book, wishes, lease, entry, vtpm, err);
}
