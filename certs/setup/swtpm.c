/* SPDX-License-Identifier: BSD-3-Clause */
#include "certs/setup/swtpm.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "tpm/swtpm/format.h"
#include "tpm/swtpm/crypt.h"
#include "util/error.h"
#include "util/secret_source.h"

static int parse_kdf(const char *name, enum swtpm_kdf *ret, struct error *err)
{
	*ret = SWTPM_PBKDF2;
	if (name == NULL || strcmp(name, "pbkdf2") == 0)
		return 0;
	*ret = SWTPM_SHA512;
	if (strcmp(name, "sha512") == 0)
		return 0;
	return error_say(err, EINVAL, "--kdf: '%s' is neither pbkdf2 nor sha512", name);
}

int swtpm_state_key(const struct swtpm_state *swtpm, size_t size, struct secret **ret,
		    struct error *err)
{
	const char *spec = swtpm->key != NULL ? swtpm->key : swtpm->password;
	cleanup_with(secret_freep) struct secret *bytes = NULL;
	enum swtpm_kdf kdf;
	int r;

	*ret = NULL;
	if (swtpm->key != NULL && swtpm->password != NULL)
		return error_say(err, EINVAL, "--swtpm-key and --swtpm-password are both given");
	if (swtpm->kdf != NULL && swtpm->password == NULL)
		return error_say(err, EINVAL, "--kdf is for --swtpm-password");
	if (swtpm->dir == NULL)
		return error_say(err, EINVAL, "swtpm's directory is missing");
	r = parse_kdf(swtpm->kdf, &kdf, err);
	if (r < 0 || spec == NULL)
		return r;
	r = secret_source_read(spec, PASSWORD_MAX + 1, &bytes, err);
	if (r < 0)
		return r;
	return swtpm->key != NULL ? swtpm_key_from_bytes(bytes, size, ret, err)
				  : swtpm_key_from_password(bytes, size, kdf, ret, err);
}

bool swtpm_state_exists(const struct state_dir *dir, enum tpm_version version)
{
	struct stat st;

	return fstatat(dir->fd, swtpm_file_name(version, BLOB_PERMANENT), &st,
		       AT_SYMLINK_NOFOLLOW) == 0;
}
