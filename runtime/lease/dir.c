/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/lease/dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "runtime/lease/lease.h"
#include "util/error.h"
#include "util/file.h"

#define MINORS (1 << 20)
#define NEXT_FILE "next"
#define SUFFIX ".json"

struct lease_dir {
	int fd, lock_fd;
	struct lease **leases; /* count of them, then the removed ones */
	size_t count, loaded;
	uint32_t next; /* where the search for a free minor begins */
	bool have_next;
};

int lease_dir_open(const char *path, struct lease_dir **ret, struct error *err)
{
	cleanup_with(lease_dir_closep) struct lease_dir *dir = calloc(1, sizeof(*dir));
	int r;

	if (dir == NULL)
		return error_set(err, ENOMEM, "open %s", path);
	dir->fd = dir->lock_fd = -1;
	r = open_dir_all(path, 0700, &dir->fd, err);
	if (r < 0)
		return r;
	dir->lock_fd = openat(dir->fd, ".lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (dir->lock_fd < 0)
		return error_set(err, errno, "open %s/.lock", path);
	while (flock(dir->lock_fd, LOCK_EX) < 0) {
		if (errno != EINTR)
			return error_set(err, errno, "lock %s", path);
	}
	*ret = take_ptr(dir);
	return 0;
}

void lease_dir_close(struct lease_dir *dir)
{
	if (dir == NULL)
		return;
	for (size_t i = 0; i < dir->loaded; i++)
		free(dir->leases[i]);
	free(dir->leases);
	closep(&dir->lock_fd);
	closep(&dir->fd);
	free(dir);
}

static int add(struct lease_dir *dir, struct lease *lease)
{
	struct lease **more = reallocarray(dir->leases, dir->count + 1, sizeof(struct lease *));

	if (more == NULL)
		return -ENOMEM;
	dir->leases = more;
	dir->leases[dir->count++] = lease;
	dir->loaded++;
	return 0;
}

static int load_one(struct lease_dir *dir, const char *name, struct error *err)
{
	cleanup_free struct lease *lease = NULL;
	cleanup_free char *text = NULL;
	size_t len;
	int r;

	r = read_file(dir->fd, name, LEASE_MAX, &text, &len);
	if (r < 0)
		return error_set(err, -r, "read lease %s", name);
	r = lease_parse(text, len, &lease, err);
	if (r < 0)
		return error_prefix(err, r, "lease %s", name);
	r = add(dir, lease);
	if (r == 0)
		lease = NULL;
	return r;
}

static bool is_lease_name(const char *name)
{
	size_t len = strlen(name);

	return name[0] != '.' && len > strlen(SUFFIX) &&
	       strcmp(name + len - strlen(SUFFIX), SUFFIX) == 0;
}

static int set_aside(struct lease_dir *dir, const char *name)
{
	char bad[NAME_MAX + 1];

	if (snprintf(bad, sizeof(bad), "%.*s.bad", NAME_MAX - 4, name) < 0)
		return -EIO;
	return renameat(dir->fd, name, dir->fd, bad) < 0 ? -errno : 0;
}

int lease_dir_load(struct lease_dir *dir, size_t *bad, struct error *err)
{
	cleanup_with(closedirp) DIR *stream = open_entries(dir->fd);

	*bad = 0;
	if (stream == NULL)
		return error_set(err, errno, "read the leases");
	for (struct dirent *entry; (entry = readdir(stream)) != NULL;) {
		int r;

		if (!is_lease_name(entry->d_name))
			continue;
		r = load_one(dir, entry->d_name, err);
		if (r == -EINVAL || r == -EFBIG) {
			(*bad)++;
			r = set_aside(dir, entry->d_name);
		}
		if (r < 0)
			return r;
	}
	return 0;
}

const struct lease *lease_dir_get(const struct lease_dir *dir, size_t i)
{
	return i < dir->count ? dir->leases[i] : NULL;
}

const struct lease *lease_dir_find(const struct lease_dir *dir, const char *hash, const char *id)
{
	for (size_t i = 0; i < dir->count; i++) {
		if (strcmp(dir->leases[i]->id, id) == 0 && strcmp(dir->leases[i]->hash, hash) == 0)
			return dir->leases[i];
	}
	return NULL;
}

static int name_of(const char *hash, const char *id, char *name, size_t size)
{
	if (snprintf(name, size, "%s-%s" SUFFIX, hash, id) >= (int)size)
		return -ENAMETOOLONG;
	return 0;
}

bool lease_dir_has(const struct lease_dir *dir, const char *hash, const char *id)
{
	char name[NAME_MAX + 1];

	return name_of(hash, id, name, sizeof(name)) == 0 &&
	       faccessat(dir->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

int lease_dir_put(struct lease_dir *dir, const struct lease *lease, struct error *err)
{
	cleanup_free char *text = NULL;
	char name[NAME_MAX + 1];
	int r;

	r = name_of(lease->hash, lease->id, name, sizeof(name));
	if (r == 0)
		r = lease_format(lease, &text);
	if (r == 0 && (lease->count > LEASE_VTPMS_MAX || strlen(text) > LEASE_MAX))
		r = -EFBIG;
	if (r == 0)
		r = replace_file(dir->fd, name, text, strlen(text), 0600);
	return r < 0 ? error_set(err, -r, "write the lease of %s", lease->id) : 0;
}

static void forget(struct lease_dir *dir, const struct lease *lease)
{
	struct lease *removed;

	for (size_t i = 0; i < dir->count; i++) {
		if (strcmp(dir->leases[i]->id, lease->id) != 0 ||
		    strcmp(dir->leases[i]->hash, lease->hash) != 0)
			continue;
		removed = dir->leases[i];
		dir->leases[i] = dir->leases[--dir->count];
		dir->leases[dir->count] = removed;
		return;
	}
}

int lease_dir_remove(struct lease_dir *dir, const struct lease *lease, struct error *err)
{
	char name[NAME_MAX + 1];
	int r;

	r = name_of(lease->hash, lease->id, name, sizeof(name));
	if (r == 0 && unlinkat(dir->fd, name, 0) < 0 && errno != ENOENT)
		r = -errno;
	if (r < 0)
		return error_set(err, -r, "remove the lease of %s", lease->id);
	forget(dir, lease);
	return 0;
}

static bool has_number(const struct lease_vtpm *vtpm, uint32_t major, uint32_t minor)
{
	return vtpm->major == major &&
	       (vtpm->minor == minor || (vtpm->twin[0] != '\0' && vtpm->twin_minor == minor));
}

const char *lease_dir_number_owner(const struct lease_dir *dir, uint32_t major, uint32_t minor)
{
	for (size_t i = 0; i < dir->count; i++) {
		for (size_t j = 0; j < dir->leases[i]->count; j++) {
			if (has_number(&dir->leases[i]->vtpms[j], major, minor))
				return dir->leases[i]->id;
		}
	}
	return NULL;
}

const char *lease_dir_state_owner(const struct lease_dir *dir, const char *state_path)
{
	for (size_t i = 0; i < dir->count; i++) {
		for (size_t j = 0; j < dir->leases[i]->count; j++) {
			if (strcmp(dir->leases[i]->vtpms[j].state_path, state_path) == 0)
				return dir->leases[i]->id;
		}
	}
	return NULL;
}

const char *lease_dir_name_owner(const struct lease_dir *dir, const char *name)
{
	for (size_t i = 0; i < dir->count; i++) {
		for (size_t j = 0; j < dir->leases[i]->count; j++) {
			const struct lease_vtpm *vtpm = &dir->leases[i]->vtpms[j];

			if (strcmp(vtpm->name, name) == 0 || strcmp(vtpm->twin, name) == 0)
				return dir->leases[i]->id;
		}
	}
	return NULL;
}

size_t lease_dir_count(const struct lease_dir *dir)
{
	size_t count = 0;

	for (size_t i = 0; i < dir->count; i++)
		count += dir->leases[i]->count;
	return count;
}

/* A counter that was lost only makes a number come back earlier: the leases still guard it. */
static void read_next(struct lease_dir *dir)
{
	cleanup_free char *text = NULL;

	if (dir->have_next)
		return;
	dir->have_next = true;
	if (read_file(dir->fd, NEXT_FILE, 32, &text, NULL) == 0)
		dir->next = (uint32_t)strtoul(text, NULL, 10) % MINORS;
}

static int write_next(struct lease_dir *dir)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u\n", dir->next);

	return replace_file(dir->fd, NEXT_FILE, text, (size_t)len, 0600);
}

int lease_dir_next_minor(struct lease_dir *dir, uint32_t major, lease_taken *taken, uint32_t *minor,
			 struct error *err)
{
	read_next(dir);
	for (uint32_t i = 0; i < MINORS; i++) {
		uint32_t candidate = (dir->next + i) % MINORS;
		int r;

		if (lease_dir_number_owner(dir, major, candidate) != NULL ||
		    taken(major, candidate))
			continue;
		dir->next = (candidate + 1) % MINORS;
		r = write_next(dir);
		if (r < 0)
			return error_set(err, -r, "write the counter of device numbers");
		*minor = candidate;
		return 0;
	}
	return error_say(err, ENOSPC, "major %u has no free device number", major);
}
