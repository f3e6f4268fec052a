/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/host/measuring.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "util/clock.h"
#include "util/error.h"
#include "util/file.h"

#define TELL_MS 1000

void measuring_begin(struct measuring *measuring, int64_t seconds)
{
	measuring->told = monotonic_ms();
	measuring->deadline = measuring->told + 1000 * seconds;
}

int measuring_go_on(struct measuring *measuring, struct error *err)
{
	int64_t now = monotonic_ms();

	if (now >= measuring->deadline)
		return error_say(err, ETIME, "measuring takes too long: stopped after %llu MiB",
				 (unsigned long long)(measuring->bytes >> 20));
	if (measuring->tell != NULL && now - measuring->told >= TELL_MS) {
		measuring->told = now;
		measuring->tell(measuring, measuring->context);
	}
	return 0;
}

bool measured_is_unchanged(int fd, const struct stat *before)
{
	struct stat now;

	return fstat(fd, &now) == 0 && now.st_size == before->st_size &&
	       now.st_ctim.tv_sec == before->st_ctim.tv_sec &&
	       now.st_ctim.tv_nsec == before->st_ctim.tv_nsec &&
	       now.st_mtim.tv_sec == before->st_mtim.tv_sec &&
	       now.st_mtim.tv_nsec == before->st_mtim.tv_nsec;
}

/* As many bytes as the file had: one that grows for ever ends, too. */
static int read_all(struct measuring *measuring, int fd, uint64_t size, void *buffer,
		    struct sha256 *sha256, struct error *err)
{
	uint64_t done = 0;
	int r = 0;

	while (r == 0 && done < size) {
		ssize_t n = pread_full(fd, buffer, MEASURING_BUFFER, (off_t)done);

		if (n <= 0)
			return n < 0 ? error_set(err, (int)-n, "cannot be read") : 0;
		sha256_add(sha256, buffer, (size_t)n);
		done += (uint64_t)n;
		measuring->bytes += (uint64_t)n;
		r = measuring_go_on(measuring, err);
	}
	return r;
}

int measuring_read(struct measuring *measuring, int fd, void *buffer,
		   uint8_t digest[static SHA256_SIZE], struct error *err)
{
	cleanup_with(sha256_freep) struct sha256 *sha256 = sha256_new();
	struct stat st;
	int r;

	if (sha256 == NULL)
		return error_set(err, ENOMEM, "cannot be read");
	if (fstat(fd, &st) < 0)
		return error_set(err, errno, "cannot be looked at");
	r = read_all(measuring, fd, (uint64_t)st.st_size, buffer, sha256, err);
	if (r < 0)
		return r;
	sha256_end(sha256, digest);
	return measured_is_unchanged(fd, &st)
		       ? 0
		       : error_say(err, EBUSY, "changed while it was measured");
}
