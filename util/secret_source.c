/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/secret_source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/bytes.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/file.h"
#include "util/secret.h"

enum secret_source secret_source(const char *text, const char **value)
{
	static const struct {
		const char *form;
		enum secret_source source;
	} forms[] = {
		{ "file=", SECRET_FILE },
		{ "fd=", SECRET_FD },
		{ "credential=", SECRET_CREDENTIAL },
		{ "pass=", SECRET_ITSELF },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		size_t len = strlen(forms[i].form);

		if (strncmp(text, forms[i].form, len) == 0) {
			*value = text + len;
			return forms[i].source;
		}
	}
	*value = text;
	return SECRET_ITSELF;
}

int secret_source_number(const char *value, int *fd)
{
	unsigned long number = 0;
	int r = number_parse(value, 10, INT_MAX, &number);

	if (r == 0)
		*fd = (int)number;
	return r;
}

/* A descriptor that was handed to us is ours to close. */
static int open_fd(const char *value, int *ret, struct error *err)
{
	int fd = -1;

	if (secret_source_number(value, &fd) < 0)
		return error_say(err, EINVAL, "'%s' is not a file descriptor", value);
	if (fcntl(fd, F_GETFD) < 0)
		return error_set(err, errno, "file descriptor %d", fd);
	*ret = fd;
	return 0;
}

static int open_path(const char *path, int *ret, struct error *err)
{
	*ret = open_input(path);
	return *ret < 0 ? error_set(err, -*ret, "open %s", path) : 0;
}

static int open_credential(const char *name, int *ret, struct error *err)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	char path[PATH_MAX];

	if (dir == NULL)
		return error_say(err, ENOENT, "there is no $CREDENTIALS_DIRECTORY for %s", name);
	if (*name == '\0' || *name == '.' || strchr(name, '/') != NULL)
		return error_say(err, EINVAL, "'%s' is not the name of a credential", name);
	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path))
		return error_set(err, ENAMETOOLONG, "credential %.64s", name);
	return open_path(path, ret, err);
}

static int open_source(const char *text, int *ret, struct error *err)
{
	const char *value;

	switch (secret_source(text, &value)) {
	case SECRET_FILE:
		return open_path(value, ret, err);
	case SECRET_FD:
		return open_fd(value, ret, err);
	case SECRET_CREDENTIAL:
		return open_credential(value, ret, err);
	case SECRET_ITSELF:
		break;
	}
	/* It must not go into a log. */
	return error_say(err, EINVAL, "give it as file=PATH, fd=N or credential=NAME");
}

int secret_source_read(const char *text, size_t most, struct secret **ret, struct error *err)
{
	cleanup_close int fd = -1;
	int r = open_source(text, &fd, err);

	return r < 0 ? r : secret_read(fd, most, text, ret, err);
}

void secret_source_discard(const char *text)
{
	const char *value;
	int fd;

	if (text != NULL && secret_source(text, &value) == SECRET_FD &&
	    secret_source_number(value, &fd) == 0)
		(void)close(fd);
}
