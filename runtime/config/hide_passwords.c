/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/config/hide_passwords.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/config/container.h"
#include "runtime/config/parts.h"
#include "runtime/config/members.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/file.h"
#include "util/secret_source.h"

static bool is_one_itself(const char *string)
{
	const char *value;

	return string[0] == '"' && secret_source(string + 1, &value) == SECRET_ITSELF;
}

static int hide_in_entry(char *text, const char *entry)
{
	const char *value, *end;

	value = *entry == '{' ? part_member(entry, "encryptionPassword", NULL) : NULL;
	if (value == NULL || !is_one_itself(value))
		return 0;
	end = part_string_end(value) - 1;
	memset(text + (value + 1 - text), '*', (size_t)(end - value - 1));
	return 1;
}

int hide_passwords_in(char *text)
{
	static const char *const path[] = { "linux", "resources", "vtpms" };
	const char *value = text + strspn(text, JSON_BLANKS);
	int count = 0;

	for (size_t i = 0; i < sizeof(path) / sizeof(path[0]); i++) {
		if (value == NULL || *value != '{')
			return 0;
		value = part_member(value, path[i], NULL);
	}
	if (value == NULL || *value != '[')
		return 0;
	for (value = part_first(value); value != NULL; value = part_next(value))
		count += hide_in_entry(text, value);
	return count;
}

static int hide_in_file(int fd)
{
	cleanup_free char *text = malloc(CONTAINER_TEXT_MAX + 1);
	cleanup_json json_t *json = NULL;
	ssize_t len;

	if (text == NULL)
		return -ENOMEM;
	len = pread_full(fd, text, CONTAINER_TEXT_MAX + 1, 0);
	if (len < 0 || len > CONTAINER_TEXT_MAX)
		return len < 0 ? (int)len : -EFBIG;
	text[len] = '\0';
	if (object_parse(text, (size_t)len, &json, NULL) < 0)
		return -EINVAL;
	return hide_passwords_in(text) > 0 ? pwrite_all(fd, text, (size_t)len, 0) : 0;
}

int hide_passwords(const char *state_dir, struct error *err)
{
	cleanup_close int fd = -1;
	char path[PATH_MAX];
	struct stat st;
	int r;

	if (snprintf(path, sizeof(path), "%s/config.json", state_dir) >= (int)sizeof(path))
		return error_set(err, ENAMETOOLONG, "%.64s...", state_dir);
	fd = open_regular(AT_FDCWD, path, O_RDWR);
	if (fd == -ENOENT || fd == -ELOOP || fd == -ENOTREG)
		return 0;
	if (fd < 0)
		return error_set(err, -fd, "%s", path);
	if (fstat(fd, &st) < 0)
		return error_set(err, errno, "%s", path);
	if (st.st_nlink != 1)
		return 0;
	r = hide_in_file(fd);
	return r < 0 ? error_set(err, -r, "hide the password in %s", path) : 0;
}
