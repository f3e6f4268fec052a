/* SPDX-License-Identifier: BSD-3-Clause */
#include "certs/ca/files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/pem.h>

#include "certs/ca/key_store.h"
#include "util/error.h"
#include "util/dir.h"
#include "util/file.h"

#define PEM_MAX 16384

static int check_owner(const struct stat *st, const char *name, struct error *err)
{
	if (st->st_uid == geteuid() || st->st_uid == 0)
		return 0;
	return error_say(err, EPERM, "%s belongs to user %u, neither to us nor to root", name,
			 (unsigned int)st->st_uid);
}

static int check_dir(int fd, struct error *err)
{
	struct stat st;
	int r;

	if (fstat(fd, &st) < 0)
		return error_set(err, errno, "open the directory");
	r = check_owner(&st, "the directory", err);
	if (r == 0 && (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return error_say(
			err, EPERM,
			"the directory can be written by others than its owner (mode %04o)",
			(unsigned int)st.st_mode & 07777);
	return r;
}

int ca_files_open(const char *path, bool may_make, int *ret, struct error *err)
{
	cleanup_close int fd = -1;
	int r = 0;

	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT && may_make)
		r = open_dir_all(path, 0700, &fd, err);
	else if (fd < 0 && errno == ENOTDIR)
		return error_say(err, ENOTDIR, "it is not a directory, or a symbolic link to one");
	else if (fd < 0 && errno == ENOENT)
		return error_say(err, ENOENT, "there is no CA: vtpm-setup ca init makes one");
	else if (fd < 0)
		return error_set(err, errno, "open");
	if (r == 0)
		r = check_dir(fd, err);
	if (r == 0)
		*ret = take_fd(fd);
	return r;
}

/* ".root-key.pem.0123abcd" and the like: create_file() makes such files. */
static bool is_temporary(const char *name)
{
	const char *suffix = strstr(name, ".pem.");

	return name[0] == '.' && suffix != NULL && strlen(suffix + 5) == 8 &&
	       strspn(suffix + 5, "0123456789abcdef") == 8;
}

int ca_files_sweep(int dir_fd, struct error *err)
{
	cleanup_with(closedirp) DIR *dir = open_entries(dir_fd);
	const struct dirent *entry;

	if (dir == NULL)
		return error_set(err, errno, "read the directory");
	while ((entry = readdir(dir)) != NULL) {
		if (is_temporary(entry->d_name) && unlinkat(dir_fd, entry->d_name, 0) < 0)
			return error_set(err, errno, "remove %s", entry->d_name);
	}
	return 0;
}

bool ca_files_have(int dir_fd, const char *name)
{
	return faccessat(dir_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int check_key(const struct stat *st, const char *name, struct error *err)
{
	if (!S_ISREG(st->st_mode))
		return error_say(err, EPERM, "%s is not a regular file", name);
	if ((st->st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return error_say(err, EPERM,
				 "%s can be read or written by others than its owner (mode %04o)",
				 name, (unsigned int)st->st_mode & 07777);
	return check_owner(st, name, err);
}

int ca_files_check_key(int dir_fd, const char *name, struct error *err)
{
	struct stat st;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : error_set(err, errno, "look at %s", name);
	return check_key(&st, name, err);
}

static int read_pem(int dir_fd, const char *name, bool private, BIO **bio, char **text,
		    struct error *err)
{
	cleanup_close int fd = open_regular(dir_fd, name, O_RDONLY);
	struct stat st;
	size_t len;
	int r;

	if (fd == -ELOOP || fd == -EISDIR || fd == -ENOTREG)
		return error_say(err, EPERM, "%s is not a regular file", name);
	if (fd < 0)
		return error_set(err, -fd, "read %s", name);
	if (fstat(fd, &st) < 0)
		return error_set(err, errno, "read %s", name);
	r = private ? check_key(&st, name, err) : 0;
	if (r < 0)
		return r;
	r = read_whole(fd, PEM_MAX, text, &len);
	if (r < 0)
		return error_set(err, -r, "read %s", name);
	*bio = BIO_new_mem_buf(*text, (int)len);
	return *bio != NULL ? 0 : openssl_error(err, ENOMEM, "read %s", name);
}

static void wiped_textp(char **text)
{
	if (*text != NULL)
		explicit_bzero(*text, strlen(*text));
	free(*text);
}

static int no_password(char *buffer, int size, int writing, void *context)
{
	(void)buffer, (void)size, (void)writing, (void)context;
	return -1;
}

int ca_files_read_key(int dir_fd, const char *name, EVP_PKEY **ret, struct error *err)
{
	cleanup_with(wiped_textp) char *text = NULL;
	cleanup_with(BIO_free_allp) BIO *bio = NULL;
	int r = read_pem(dir_fd, name, true, &bio, &text, err);

	if (r < 0)
		return r;
	*ret = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
	return *ret != NULL ? 0 : openssl_error(err, EINVAL, "read %s", name);
}

int ca_files_read_certificate(int dir_fd, const char *name, X509 **ret, struct error *err)
{
	cleanup_free char *text = NULL;
	cleanup_with(BIO_free_allp) BIO *bio = NULL;
	int r = read_pem(dir_fd, name, false, &bio, &text, err);

	if (r < 0)
		return r;
	*ret = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	return *ret != NULL ? 0 : openssl_error(err, EINVAL, "read %s", name);
}

static int write_bio(int dir_fd, const char *name, BIO *bio, mode_t mode, struct error *err)
{
	char *text;
	long len = BIO_get_mem_data(bio, &text);
	int r = create_file(dir_fd, name, text, (size_t)len, mode);

	return r < 0 ? error_set(err, -r, "write %s", name) : 0;
}

int ca_files_write_key(int dir_fd, const char *name, const EVP_PKEY *key, struct error *err)
{
	cleanup_with(BIO_free_allp) BIO *pem = NULL;
	int r = key_store_to_pem(key, &pem, err);

	return r == 0 ? write_bio(dir_fd, name, pem, 0600, err) : r;
}

int ca_files_write_certificate(int dir_fd, const char *name, X509 *certificate, struct error *err)
{
	cleanup_with(BIO_free_allp) BIO *pem = BIO_new(BIO_s_mem());

	if (pem == NULL || PEM_write_bio_X509(pem, certificate) != 1)
		return openssl_error(err, EIO, "encode a certificate");
	return write_bio(dir_fd, name, pem, 0644, err);
}
