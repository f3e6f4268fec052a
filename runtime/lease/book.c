/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/lease/book.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runtime/lease/index.h"
#include "runtime/lease/lease.h"
#include "util/error.h"
#include "util/dir.h"
#include "util/file.h"
#include "util/lock_file.h"
#include "util/log.h"
#include "util/next_minor.h"

#define SUFFIX ".json"
#define FILE_NAME_LEN (LEASE_NAME_LEN + sizeof(SUFFIX))
#define INDEX_DIR ".index" /* a directory of its own: writing there leaves the leases' as it is */
#define INDEX_FILE "index"
#define INDEX_MAX (256 << 20)
#define HEADER_LEN 96

struct lease_book {
	int fd, lock_fd, index_fd;
	struct lease_index *index;
	bool changed; /* the index is not the one that was read ... */
	bool broken;  /* ... and not that of the leases either */
};

/* Older hooks, of which one may still be at work, only know the second lock. */
static int take_lock(int dir_fd)
{
	cleanup_close int fd = lock_file_wait(dir_fd, ".lock");

	while (fd >= 0 && flock(fd, LOCK_EX) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return take_fd(fd);
}

/* -1: there is no index, and the leases are read each time. */
static int open_index_dir(int dir_fd)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(dir_fd, INDEX_DIR, flags);

	if (fd >= 0 || errno != ENOENT || make_dir(dir_fd, INDEX_DIR, 0700) < 0)
		return fd;
	return openat(dir_fd, INDEX_DIR, flags);
}

static int open_files(struct lease_book *book, const char *run_dir, struct error *err)
{
	char path[PATH_MAX];
	int r;

	if (snprintf(path, sizeof(path), "%s/leases", run_dir) >= (int)sizeof(path))
		return error_set(err, ENAMETOOLONG, "open the leases in %.64s...", run_dir);
	r = open_dir_all(path, 0700, &book->fd, err);
	if (r < 0)
		return r;
	book->lock_fd = take_lock(book->fd);
	if (book->lock_fd < 0)
		return error_set(err, -book->lock_fd, "lock %s", path);
	book->index_fd = open_index_dir(book->fd);
	return 0;
}

/* The state of the directory when its index was made; every change of a lease changes it. */
static int make_header(const struct lease_book *book, char header[static HEADER_LEN])
{
	struct stat st;

	memset(header, 0, HEADER_LEN);
	if (fstat(book->fd, &st) < 0)
		return -errno;
	(void)snprintf(header, HEADER_LEN, "vtpm-leases 1 %" PRIuMAX " %jd.%09ld %jd",
		       (uintmax_t)st.st_ino, (intmax_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
		       (intmax_t)st.st_size);
	return 0;
}

/* False: there is no index, or it is not the index of these leases. */
static bool read_index(struct lease_book *book)
{
	cleanup_free char *text = NULL;
	char header[HEADER_LEN];
	size_t len;

	return book->index_fd >= 0 && make_header(book, header) == 0 &&
	       read_file(book->index_fd, INDEX_FILE, INDEX_MAX, &text, &len) == 0 &&
	       len >= HEADER_LEN && memcmp(text, header, HEADER_LEN) == 0 &&
	       lease_index_parse(text + HEADER_LEN, len - HEADER_LEN, &book->index) == 0;
}

/* Sets the directory's time to now, so that any later change leaves another time. */
static int stamp(int dir_fd)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT } };

	if (clock_gettime(CLOCK_REALTIME, &times[1]) < 0 || futimens(dir_fd, times) < 0)
		return -errno;
	return 0;
}

static int write_index(const struct lease_book *book)
{
	cleanup_free char *text = NULL;
	const char *words;
	size_t len;
	int r;

	words = lease_index_words(book->index, &len);
	text = malloc(HEADER_LEN + len);
	if (text == NULL)
		return -ENOMEM;
	r = stamp(book->fd);
	if (r == 0)
		r = make_header(book, text);
	if (r < 0)
		return r;
	if (len > 0)
		memcpy(text + HEADER_LEN, words, len);
	return replace_file(book->index_fd, INDEX_FILE, text, HEADER_LEN + len, 0600);
}

/* If the index cannot be written, the next opener makes it anew. */
static void keep_index(const struct lease_book *book)
{
	if (book->index_fd < 0 || !book->changed)
		return;
	if (book->broken || write_index(book) < 0)
		(void)unlinkat(book->index_fd, INDEX_FILE, 0);
}

static int read_lease(struct lease_book *book, const char *file, struct lease **ret,
		      struct error *err)
{
	cleanup_free struct lease *lease = NULL;
	cleanup_free char *text = NULL;
	char name[LEASE_NAME_LEN + 1];
	size_t len;
	int r;

	r = read_file(book->fd, file, LEASE_MAX, &text, &len);
	if (r < 0)
		return error_set(err, -r, "read lease %s", file);
	r = lease_parse(text, len, &lease, err);
	if (r == 0)
		r = lease_name(lease->hash, lease->id, lease->part, name);
	if (r < 0)
		return error_prefix(err, r, "lease %s", file);
	if (strncmp(file, name, strlen(name)) != 0 || strcmp(file + strlen(name), SUFFIX) != 0)
		return error_say(err, EINVAL, "lease %s is that of %s", file, name);
	*ret = take_ptr(lease);
	return 0;
}

static void set_aside(const struct lease_book *book, const char *file, const struct error *why)
{
	char bad[NAME_MAX + 1];

	(void)snprintf(bad, sizeof(bad), "%.*s.bad", NAME_MAX - 4, file);
	if (renameat(book->fd, file, book->fd, bad) < 0)
		log_warn("left alone: %s", why->text);
	else
		log_warn("set aside as %s: %s", bad, why->text);
}

/* Whether the file's content is at fault; any other error would concern all files. */
static bool is_odd(int r)
{
	return r == -EINVAL || r == -EFBIG || r == -ENOTREG || r == -ELOOP || r == -ENOENT ||
	       r == -EISDIR || r == -ENXIO;
}

static int add_lease(struct lease_book *book, const char *file, struct error *err)
{
	cleanup_free struct lease *lease = NULL;
	struct error why;
	int r = read_lease(book, file, &lease, &why);

	if (r < 0 && !is_odd(r))
		return error_say(err, -r, "%s", why.text);
	if (r < 0) {
		set_aside(book, file, &why);
		return 0;
	}
	r = lease_index_put(book->index, lease);
	return r < 0 ? error_set(err, -r, "read lease %s", file) : 0;
}

static bool is_lease_file(const char *file)
{
	size_t len = strlen(file);

	return file[0] != '.' && len > strlen(SUFFIX) &&
	       strcmp(file + len - strlen(SUFFIX), SUFFIX) == 0;
}

static int make_index(struct lease_book *book, struct error *err)
{
	cleanup_with(closedirp) DIR *stream = open_entries(book->fd);
	int r = 0;

	if (stream == NULL)
		return error_set(err, errno, "read the leases");
	if (lease_index_new(&book->index) < 0)
		return error_set(err, ENOMEM, "read the leases");
	for (struct dirent *entry; r == 0 && (entry = readdir(stream)) != NULL;) {
		if (is_lease_file(entry->d_name))
			r = add_lease(book, entry->d_name, err);
	}
	book->changed = true;
	return r;
}

int lease_book_open(const char *run_dir, struct lease_book **ret, struct error *err)
{
	cleanup_with(lease_book_closep) struct lease_book *book = calloc(1, sizeof(*book));
	int r;

	if (book == NULL)
		return error_set(err, ENOMEM, "open the leases");
	book->fd = book->lock_fd = book->index_fd = -1;
	r = open_files(book, run_dir, err);
	if (r == 0 && !read_index(book))
		r = make_index(book, err);
	book->broken = r < 0;
	if (r == 0)
		*ret = take_ptr(book);
	return r;
}

void lease_book_close(struct lease_book *book)
{
	if (book == NULL)
		return;
	keep_index(book);
	lease_index_free(book->index);
	closep(&book->lock_fd);
	closep(&book->index_fd);
	closep(&book->fd);
	free(book);
}

struct lease_index *lease_book_index(const struct lease_book *book)
{
	return book->index;
}

int lease_book_names(const struct lease_book *book, struct lease_index **ret, struct error *err)
{
	const char *words;
	size_t len;

	words = lease_index_words(book->index, &len);
	return lease_index_parse(words, len, ret) < 0 ? error_set(err, ENOMEM, "read the leases")
						      : 0;
}

static void file_of(const char *name, char file[static FILE_NAME_LEN])
{
	(void)snprintf(file, FILE_NAME_LEN, "%.*s" SUFFIX, LEASE_NAME_LEN, name);
}

int lease_book_read(struct lease_book *book, const char *name, struct lease **ret,
		    struct error *err)
{
	char file[FILE_NAME_LEN];
	struct error why;
	int r;

	if (!lease_index_has(book->index, name))
		return error_set(err, ENOENT, "read lease %s", name);
	file_of(name, file);
	r = read_lease(book, file, ret, &why);
	if (r < 0 && is_odd(r)) {
		/* It was a lease when the index was made. */
		set_aside(book, file, &why);
		book->changed = book->broken = true;
		r = -ENOENT;
	}
	return r < 0 ? error_say(err, -r, "%s", why.text) : 0;
}

bool lease_book_next(struct lease_book *book, const char *hash, const char *id, const char **name,
		     struct lease **ret)
{
	free(*ret);
	*ret = NULL;
	while ((*name = lease_index_next(book->index, *name)) != NULL) {
		if ((id == NULL || lease_name_is_of(*name, hash, id)) &&
		    lease_book_read(book, *name, ret, NULL) == 0)
			return true;
	}
	return false;
}

static int write_lease(struct lease_book *book, const struct lease *lease)
{
	cleanup_free char *text = NULL;
	char name[LEASE_NAME_LEN + 1], file[FILE_NAME_LEN];
	int r;

	if (lease->count > LEASE_VTPMS_MAX)
		return -EFBIG;
	r = lease_name(lease->hash, lease->id, lease->part, name);
	if (r == 0)
		r = lease_format(lease, &text);
	if (r < 0)
		return r;
	file_of(name, file);
	return strlen(text) > LEASE_MAX ? -EFBIG
					: replace_file(book->fd, file, text, strlen(text), 0600);
}

int lease_book_put(struct lease_book *book, const struct lease *lease, struct error *err)
{
	int r = write_lease(book, lease);

	book->changed = true;
	if (r == 0) {
		r = lease_index_put(book->index, lease);
		book->broken |= r < 0;
	}
	return r < 0 ? error_set(err, -r, "write the lease of %s", lease->id) : 0;
}

int lease_book_claim(struct lease_book *book, struct lease *lease, struct error *err)
{
	int r = process_identify(getpid(), &lease->worker);

	if (r < 0)
		return error_set(err, -r, "identify this process");
	return lease_book_put(book, lease, err);
}

int lease_book_remove(struct lease_book *book, const struct lease *lease, struct error *err)
{
	char name[LEASE_NAME_LEN + 1], file[FILE_NAME_LEN];
	int r = lease_name(lease->hash, lease->id, lease->part, name);

	if (r == 0) {
		file_of(name, file);
		if (unlinkat(book->fd, file, 0) < 0 && errno != ENOENT)
			r = -errno;
	}
	if (r < 0)
		return error_set(err, -r, "remove the lease of %s", lease->id);
	lease_index_remove(book->index, name);
	book->changed = true;
	return 0;
}

static bool has_number(uint32_t major, uint32_t minor, const void *index)
{
	return lease_index_number_owner(index, major, minor) != NULL ||
	       minor_is_in_use(major, minor, NULL);
}

int lease_book_next_minor(struct lease_book *book, uint32_t major, uint32_t *ret, struct error *err)
{
	book->changed = true; /* the counter is a file beside the leases */
	return next_minor(book->fd, major, has_number, book->index, ret, err);
}
