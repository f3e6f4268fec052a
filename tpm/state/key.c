/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/state/key.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "util/bytes.h"
#include "util/error.h"
#include "util/dir.h"
#include "util/file.h"
#include "util/path.h"
#include "util/secret_source.h"

struct state_key {
	enum key_kind kind;
	struct secret *secret; /* NULL: plain, or the host key, which is read when it is needed */
	char *path;            /* of the host key */
};

const char *key_kind_name(enum key_kind kind)
{
	static const char *const names[KEY_KINDS] = {
		[KEY_PLAIN] = "plain",
		[KEY_PASSWORD] = "password",
		[KEY_RAW] = "key",
		[KEY_HOST] = "host-key",
	};

	return names[kind];
}

enum key_kind state_key_kind(const struct state_key *key)
{
	return key->kind;
}

void state_key_free(struct state_key *key)
{
	if (key == NULL)
		return;
	secret_free(key->secret);
	free(key->path);
	free(key);
}

static int key_new(enum key_kind kind, struct secret *secret, struct state_key **ret,
		   struct error *err)
{
	struct state_key *key = calloc(1, sizeof(*key));

	if (key == NULL)
		return error_set(err, ENOMEM, "take a key");
	key->kind = kind;
	key->secret = secret;
	*ret = key;
	return 0;
}

static int copy(const void *bytes, size_t len, struct secret **ret, struct error *err)
{
	return secret_copy(bytes, len, ret) < 0 ? error_set(err, ENOMEM, "take a key") : 0;
}

static bool all_hex(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!isxdigit((unsigned char)text[i]))
			return false;
	}
	return true;
}

static int parse_key(const void *bytes, size_t len, const char *name, struct secret **ret,
		     struct error *err)
{
	int r;

	/* A key of half the size in hex has the right length by accident. */
	if (len == KEY_SIZE && !all_hex(bytes, len))
		return copy(bytes, len, ret, err);
	r = secret_from_hex(bytes, len, KEY_SIZE, ret);
	if (r == -EINVAL)
		return error_say(err, EINVAL, "%s is not a key of %d bytes or %d hex digits", name,
				 KEY_SIZE, 2 * KEY_SIZE);
	return r < 0 ? error_set(err, -r, "take a key") : 0;
}

static int parse_password(const void *bytes, size_t len, const char *name, struct secret **ret,
			  struct error *err)
{
	if (len > 0 && ((const char *)bytes)[len - 1] == '\n')
		len--;
	if (len == 0)
		return error_say(err, EINVAL, "%s is an empty password", name);
	if (len > PASSWORD_MAX)
		return error_say(err, EINVAL, "%s is a password longer than %d bytes", name,
				 PASSWORD_MAX);
	return copy(bytes, len, ret, err);
}

int state_key_from_bytes(enum key_kind kind, const void *bytes, size_t len, const char *name,
			 struct state_key **ret, struct error *err)
{
	cleanup_with(secret_freep) struct secret *secret = NULL;
	int r;

	r = kind == KEY_PASSWORD ? parse_password(bytes, len, name, &secret, err)
				 : parse_key(bytes, len, name, &secret, err);
	if (r == 0)
		r = key_new(kind, secret, ret, err);
	if (r == 0)
		(void)take_ptr(secret);
	return r;
}

int state_key_plain(struct state_key **ret, struct error *err)
{
	return key_new(KEY_PLAIN, NULL, ret, err);
}

int state_key_from_host(const char *path, struct state_key **ret, struct error *err)
{
	cleanup_free char *copy = strdup(path != NULL ? path : HOST_KEY_PATH);
	int r;

	if (copy == NULL)
		return error_set(err, ENOMEM, "take a key");
	r = key_new(KEY_HOST, NULL, ret, err);
	if (r == 0)
		(*ret)->path = take_ptr(copy);
	return r;
}

int state_key_from_spec(enum key_kind kind, const char *spec, struct state_key **ret,
			struct error *err)
{
	cleanup_with(secret_freep) struct secret *all = NULL;
	int r;

	r = secret_source_read(spec, PASSWORD_MAX + 1, &all, err);
	if (r < 0)
		return r;
	return state_key_from_bytes(kind, all->bytes, all->len, spec, ret, err);
}

static int make_host_key(const char *path, struct error *err)
{
	uint8_t key[KEY_SIZE];
	char text[2 * KEY_SIZE + 2];
	cleanup_close int dir_fd = -1;
	char dir[PATH_MAX];
	const char *name;
	int r;

	r = split_path(path, dir, &name);
	if (r < 0)
		return error_set(err, -r, "make the host key %s (--key names another)", path);
	r = open_dir_all(dir, 0700, &dir_fd, err);
	if (r < 0)
		return error_prefix(err, r, "make the host key (--key names another)");
	if (getrandom(key, sizeof(key), 0) != sizeof(key))
		return error_set(err, EIO, "make the host key %s (--key names another)", path);

	hex_encode(key, sizeof(key), text);
	text[2 * KEY_SIZE] = '\n';
	r = create_file(dir_fd, name, text, 2 * KEY_SIZE + 1, 0600);
	explicit_bzero(key, sizeof(key));
	explicit_bzero(text, sizeof(text));
	if (r < 0 && r != -EEXIST)
		return error_set(err, -r, "make the host key %s (--key names another)", path);
	return 0;
}

static int check_host_key(int fd, const char *path, struct error *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return error_set(err, errno, "open the host key %s", path);
	if ((st.st_mode & 077) != 0 || (st.st_uid != 0 && st.st_uid != geteuid()))
		return error_say(err, EPERM, "the host key %s is open to others than its owner",
				 path);
	return 0;
}

static int open_host_key(const char *path, bool may_make, int *ret, struct error *err)
{
	int r;

	*ret = open_regular(AT_FDCWD, path, O_RDONLY);
	if (*ret == -ENOENT && may_make) {
		r = make_host_key(path, err);
		if (r < 0)
			return r;
		*ret = open_regular(AT_FDCWD, path, O_RDONLY);
	}
	if (*ret == -ENOENT && !may_make)
		return error_say(err, ENOKEY, "the host key %s is gone: put it back", path);
	if (*ret < 0)
		return error_set(err, -*ret, "open the host key %s", path);
	return 0;
}

static int get_host_key(const char *path, bool may_make, struct secret **ret, struct error *err)
{
	cleanup_with(secret_freep) struct secret *text = NULL;
	cleanup_close int fd = -1;
	int r;

	r = open_host_key(path, may_make, &fd, err);
	if (r == 0)
		r = check_host_key(fd, path, err);
	if (r == 0)
		r = secret_read(fd, PASSWORD_MAX, path, &text, err);
	if (r < 0)
		return r;
	return parse_key(text->bytes, text->len, path, ret, err);
}

int state_key_get(const struct state_key *key, bool may_make, struct secret **ret,
		  struct error *err)
{
	*ret = NULL;
	if (key->kind == KEY_PLAIN)
		return 0;
	if (key->kind == KEY_HOST)
		return get_host_key(key->path, may_make, ret, err);
	return copy(key->secret->bytes, key->secret->len, ret, err);
}
