/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/secret.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "util/bytes.h"
#include "util/error.h"
#include "util/file.h"

/* Whole pages of their own: locking and unlocking is by the page. */
static size_t mapping_size(size_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (sizeof(struct secret) + len + page - 1) / page * page;
}

int secret_new(size_t len, struct secret **ret)
{
	size_t size = mapping_size(len);
	struct secret *secret;

	secret = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (secret == MAP_FAILED)
		return -ENOMEM;

	(void)mlock(secret, size);
	(void)madvise(secret, size, MADV_DONTDUMP);
	/* A copy in a child would be neither locked nor wiped. */
	(void)madvise(secret, size, MADV_DONTFORK);
	secret->size = size;
	secret->len = len;
	*ret = secret;
	return 0;
}

void secret_free(struct secret *secret)
{
	size_t size;

	if (secret == NULL)
		return;
	size = secret->size;
	explicit_bzero(secret, size);
	(void)munmap(secret, size);
}

int secret_copy(const void *bytes, size_t len, struct secret **ret)
{
	int r = secret_new(len, ret);

	if (r == 0)
		memcpy((*ret)->bytes, bytes, len);
	return r;
}

int secret_from_hex(const void *bytes, size_t len, size_t size, struct secret **ret)
{
	cleanup_with(secret_freep) struct secret *key = NULL;
	const char *text = bytes;

	while (len > 0 && isspace((unsigned char)text[len - 1]))
		len--;
	if (len >= 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		text += 2;
		len -= 2;
	}
	if (secret_new(size, &key) < 0)
		return -ENOMEM;
	if (hex_decode(text, len, key->bytes, size) < 0)
		return -EINVAL;
	*ret = take_ptr(key);
	return 0;
}

int secret_read(int fd, size_t most, const char *name, struct secret **ret, struct error *err)
{
	cleanup_with(secret_freep) struct secret *secret = NULL;
	ssize_t n;

	if (secret_new(most + 1, &secret) < 0)
		return error_set(err, ENOMEM, "read %s", name);
	n = read_full(fd, secret->bytes, most + 1);
	if (n < 0)
		return error_set(err, (int)-n, "read %s", name);
	if (n == 0)
		return error_say(err, EINVAL, "%s is empty", name);
	if ((size_t)n > most)
		return error_say(err, EINVAL, "%s is longer than %zu bytes", name, most);
	secret->len = (size_t)n;
	*ret = take_ptr(secret);
	return 0;
}
