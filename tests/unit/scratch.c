/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"
#include "tests/unit/scratch.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/file.h"

static char root[PATH_MAX / 2];

const char *scratch_make(void)
{
	const char *base = getenv("TMPDIR");

	(void)snprintf(root, sizeof(root), "%s/vtpm-test.XXXXXX", base != NULL ? base : "/tmp");
	assert_non_null(mkdtemp(root));
	return root;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

void scratch_remove(void)
{
	if (root[0] != '\0')
		(void)nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	root[0] = '\0';
}

int scratch_set_up(void **state)
{
	*state = (char *)(uintptr_t)scratch_make();
	return chdir(*state);
}

int scratch_tear_down(void **state)
{
	(void)state;
	scratch_remove();
	return chdir("/");
}

const char *scratch_path(const char *name)
{
	static char paths[8][PATH_MAX];
	static unsigned int next;
	char *path = paths[next++ % 8];

	(void)snprintf(path, PATH_MAX, "%s/%s", root, name);
	return path;
}

void scratch_read(const char *path, uint8_t **data, size_t *len)
{
	assert_int_equal(read_path(path, 8U << 20, (char **)data, len), 0);
}

void scratch_write(const char *path, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write_all(fd, data, len), 0);
	(void)close(fd);
}

bool scratch_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

/* FNV-1a. */
static uint64_t mix(uint64_t hash, const void *data, size_t len)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3;
	return hash;
}

static uint64_t digest_entry(const char *dir, const char *name)
{
	char path[PATH_MAX], *bytes = NULL;
	uint64_t hash = 0xcbf29ce484222325;
	size_t len = 0;
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(lstat(path, &st), 0);
	if (S_ISREG(st.st_mode))
		scratch_read(path, (uint8_t **)&bytes, &len);
	hash = mix(hash, name, strlen(name));
	hash = mix(hash, &st.st_mode, sizeof(st.st_mode));
	hash = mix(hash, &st.st_uid, sizeof(st.st_uid));
	hash = mix(hash, bytes, len);
	free(bytes);
	return hash;
}

uint64_t scratch_digest(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	uint64_t hash = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			hash += digest_entry(path, entry->d_name);
	}
	(void)closedir(dir);
	return hash;
}
