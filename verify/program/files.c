/* SPDX-License-Identifier: BSD-3-Clause */
/* The files and numbers of the command line. */
#include <errno.h>
#include <string.h>

#include "util/bytes.h"
#include "util/error.h"
#include "util/file.h"
#include "verify/program/program.h"

/* More than any input may have; the library has a limit for each. */
#define FILE_MOST (8 << 20)

int verify_read_optional(const char *option, const char *path, struct input_file *file,
			 struct vtpm_verify_bytes *ret, struct error *err)
{
	int r;

	if (path == NULL)
		return 0;
	r = read_path(path, FILE_MOST, &file->data, &file->len);
	if (r < 0)
		return error_set(err, r == -EINVAL ? EIO : -r, "--%s: %s", option, path);
	*ret = (struct vtpm_verify_bytes){ file->data, file->len };
	return 0;
}

int verify_read(const char *option, const char *path, struct input_file *file,
		struct vtpm_verify_bytes *ret, struct error *err)
{
	if (path == NULL)
		return error_say(err, EINVAL, "--%s is missing", option);
	return verify_read_optional(option, path, file, ret, err);
}

int verify_write(const char *option, const char *path, const void *data, size_t len,
		 struct error *err)
{
	int r;

	if (path == NULL)
		return error_say(err, EINVAL, "--%s is missing", option);
	r = write_output(path, data, len, 0600);
	return r < 0 ? error_set(err, r == -EINVAL ? EIO : -r, "--%s: %s", option, path) : 0;
}

int verify_read_nonce(const char *text, uint8_t bytes[static VERIFY_NONCE_MOST],
		      struct vtpm_verify_bytes *ret, struct error *err)
{
	const size_t digits = text != NULL ? strlen(text) : 0;

	if (text == NULL)
		return 0;
	if (digits == 0 || digits / 2 > VERIFY_NONCE_MOST ||
	    hex_decode(text, digits, bytes, digits / 2) < 0)
		return error_say(err, EINVAL,
				 "--nonce: '%.140s' is not 1 to %d bytes in hex digits", text,
				 VERIFY_NONCE_MOST);
	*ret = (struct vtpm_verify_bytes){ bytes, digits / 2 };
	return 0;
}
