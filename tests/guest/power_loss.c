/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a power cut leaves of a state, at any instant:
 *
 * power_loss write DIR MARK-COMMAND: stores numbered blobs in DIR, and after each store that was
 * answered runs "MARK-COMMAND N"; "MARK-COMMAND 0" before the first.
 * power_loss check LOG DEVICE DIR: LOG is what the kernel's dm-log-writes recorded meanwhile.
 * Writes to DEVICE what had reached the disk at each point of it, and mounts it on DIR: the TPM
 * there has the blob that was answered last, or the one after it.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "tpm/state/state.h"
#include "util/bytes.h"
#include "util/file.h"

#define STORES 40
#define SECTOR 512
#define SUBSETS 4 /* random ones for each group of writes without a flush between them */

/* Linux, drivers/md/dm-log-writes.c. */
#define LOG_MAGIC 0x6a736677736872ULL
enum {
	LOG_FLUSH = 1,
	LOG_DISCARD = 4,
	LOG_MARK = 8,
	LOG_METADATA = 16,
};

struct entry {
	uint64_t sector;
	uint64_t sectors;
	uint64_t flags;
	uint64_t data_len; /* of a mark */
	const uint8_t *data;
};

struct log {
	size_t count;
	struct entry *entries;
	size_t size; /* of the device, in bytes */
};

static void die(const char *what)
{
	(void)fprintf(stderr, "power_loss: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* From small to large, so that the file grows twice. */
static size_t blob_len(uint32_t number)
{
	return 1000 + number * number * 60 % 100000;
}

static void fill_blob(uint32_t number, uint8_t *data, size_t len)
{
	put_be32(data, number);
	for (size_t i = 4; i < len; i++)
		data[i] = (uint8_t)(number * 31 + i * 7 + (i >> 9));
}

static struct state *open_state(const char *dir)
{
	cleanup_with(state_key_freep) struct state_key *key = NULL;
	struct state_options options = { .dir = dir,
					 .version = TPM_VERSION_2,
					 .sync = true,
					 .uid = (uid_t)-1,
					 .gid = (gid_t)-1 };
	struct state *state = NULL;
	struct error err = { "" };
	uint8_t raw[KEY_SIZE] = { 7 };

	if (state_key_from_bytes(KEY_RAW, raw, sizeof(raw), "key", &key, &err) < 0)
		exit(1);
	options.key = key;
	if (state_open(&options, &state, &err) < 0)
		(void)fprintf(stderr, "power_loss: %s\n", err.text);
	return state;
}

static int write_stores(const char *dir, const char *mark)
{
	cleanup_with(state_closep) struct state *state = open_state(dir);
	static uint8_t data[1 << 17];
	struct tpm_storage storage;

	if (state == NULL)
		return 1;
	storage = state_storage(state);
	for (uint32_t i = 0; i <= STORES; i++) {
		char command[256];

		fill_blob(i, data, blob_len(i));
		if (i > 0 && storage.store(state, BLOB_PERMANENT, data, blob_len(i)) < 0)
			die(state_last_error(state));
		(void)snprintf(command, sizeof(command), "%s %u", mark, i);
		if (system(command) != 0)
			die(command);
	}
	return 0;
}

static uint64_t le64(const uint8_t *p)
{
	uint64_t value;

	memcpy(&value, p, sizeof(value));
	return le64toh(value);
}

/* The entries point into BYTES. */
static void parse_log(const uint8_t *bytes, size_t len, struct log *log)
{
	const uint8_t *p = bytes + SECTOR;

	if (len < SECTOR || le64(bytes) != LOG_MAGIC || le64(bytes + 24) << 32 >> 32 != SECTOR) {
		errno = EINVAL;
		die("no log of dm-log-writes");
	}
	log->count = (size_t)le64(bytes + 16);
	log->entries = calloc(log->count, sizeof(*log->entries));
	if (log->entries == NULL)
		die("log");
	for (size_t i = 0; i < log->count; i++) {
		struct entry *entry = &log->entries[i];

		entry->sector = le64(p);
		entry->sectors = le64(p + 8);
		entry->flags = le64(p + 16);
		entry->data_len = le64(p + 24);
		entry->data = (entry->flags & LOG_MARK) != 0 ? p + 32 : p + SECTOR;
		p += SECTOR;
		if ((entry->flags & (LOG_MARK | LOG_DISCARD)) == 0)
			p += (size_t)entry->sectors * SECTOR;
	}
}

static void apply_sectors(const struct entry *entry, uint8_t *image, bool torn)
{
	for (uint64_t i = 0; i < entry->sectors; i++) {
		uint8_t *target = image + (size_t)(entry->sector + i) * SECTOR;

		if (torn && rand() % 2 == 0)
			continue;
		if ((entry->flags & LOG_DISCARD) != 0)
			memset(target, 0, SECTOR);
		else
			memcpy(target, entry->data + (size_t)i * SECTOR, SECTOR);
	}
}

/* The record ends with a mark of the kernel's own. */
static bool is_ours(const struct entry *entry)
{
	return entry->data_len > 0 && entry->data[0] >= '0' && entry->data[0] <= '9';
}

static uint32_t mark_number(const struct entry *entry)
{
	char text[32] = { 0 };

	memcpy(text, entry->data, entry->data_len < 31 ? (size_t)entry->data_len : 31);
	return (uint32_t)strtoul(text, NULL, 10);
}

/* The number of the blob that is there; 0: none; UINT32_MAX: it cannot be opened. */
static uint32_t find_number(const char *dir)
{
	char path[256];
	cleanup_with(state_closep) struct state *state = NULL;
	cleanup_free uint8_t *data = NULL;
	static uint8_t expected[1 << 17];
	struct tpm_storage storage;
	uint32_t number;
	size_t len;
	int r;

	(void)snprintf(path, sizeof(path), "%s/tpm", dir);
	state = open_state(path);
	if (state == NULL)
		return UINT32_MAX;
	storage = state_storage(state);
	r = storage.load(state, BLOB_PERMANENT, &data, &len);
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return UINT32_MAX;
	number = get_be32(data);
	if (number > STORES || len != blob_len(number))
		return UINT32_MAX;
	fill_blob(number, expected, len);
	return memcmp(data, expected, len) == 0 ? number : UINT32_MAX;
}

struct check {
	int device;
	const char *device_path;
	const char *dir;
	size_t size;
	unsigned int states;
	bool formatted; /* the first mark was seen */
};

/* One power cut: IMAGE is what the disk has. */
static void check_image(struct check *check, const uint8_t *image, uint32_t answered, size_t where)
{
	uint32_t number;

	if (pwrite_all(check->device, image, check->size, 0) < 0 || fsync(check->device) < 0)
		die(check->device_path);
	if (mount(check->device_path, check->dir, "ext4", 0, NULL) < 0)
		die("mount");
	number = find_number(check->dir);
	if (number < answered || number > answered + 1) {
		(void)fprintf(stderr,
			      "power_loss: at entry %zu: %u was answered, but %d is there\n", where,
			      answered, (int)number);
		exit(1);
	}
	check->states++;
	if (umount(check->dir) < 0)
		die("umount");
}

/* Of the writes between two flushes any may be on disk, whole or in part, when the power goes. */
static void check_subsets(struct check *check, const struct log *log, size_t first,
			  const uint8_t *image, uint8_t *copy, uint32_t answered)
{
	size_t end = first;

	while (end < log->count && (log->entries[end].flags & (LOG_FLUSH | LOG_MARK)) == 0)
		end++;
	for (int n = 0; n < SUBSETS && end > first && check->formatted; n++) {
		memcpy(copy, image, check->size);
		for (size_t i = first; i < end; i++) {
			bool torn = (log->entries[i].flags & LOG_METADATA) == 0 && n % 2 == 0;

			if (rand() % 2 == 0)
				apply_sectors(&log->entries[i], copy, torn);
		}
		check_image(check, copy, answered, first);
	}
}

static int check_log(struct check *check, const struct log *log)
{
	uint8_t *image = calloc(1, check->size), *copy = malloc(check->size);
	uint32_t answered = 0;
	bool at_group = true;

	if (image == NULL || copy == NULL)
		die("image");
	for (size_t i = 0; i < log->count; i++) {
		const struct entry *entry = &log->entries[i];

		if (at_group)
			check_subsets(check, log, i, image, copy, answered);
		at_group = (entry->flags & (LOG_FLUSH | LOG_MARK)) != 0;
		if ((entry->flags & LOG_MARK) != 0) {
			if (is_ours(entry))
				answered = mark_number(entry);
			check->formatted = true;
			continue;
		}
		apply_sectors(entry, image, false);
		if (check->formatted)
			check_image(check, image, answered, i);
	}
	free(image);
	free(copy);
	(void)printf("%zu log entries, %u power cuts, %u stores answered\n", log->count,
		     check->states, answered);
	return answered == STORES && check->states > 100 ? 0 : 1;
}

static int check_all(const char *log_path, const char *device_path, const char *dir)
{
	struct check check = { .device_path = device_path, .dir = dir };
	struct log log = { 0 };
	char *bytes = NULL;
	size_t len;
	int r;

	srand(1);
	r = read_path(log_path, 256U << 20, &bytes, &len);
	if (r < 0) {
		errno = -r;
		die(log_path);
	}
	parse_log((const uint8_t *)bytes, len, &log);
	check.device = open(device_path, O_RDWR | O_CLOEXEC);
	if (check.device < 0)
		die(device_path);
	check.size = (size_t)lseek(check.device, 0, SEEK_END);
	r = check_log(&check, &log);
	free(log.entries);
	free(bytes);
	return r;
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "write") == 0)
		return write_stores(argv[2], argv[3]);
	if (argc == 5 && strcmp(argv[1], "check") == 0)
		return check_all(argv[2], argv[3], argv[4]);
	return 2;
}
