/* SPDX-License-Identifier: BSD-3-Clause */
/* Measures the container's root file system for a launch: all of it, or named files. */
#include "runtime/give/create_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/config/entry.h"
#include "runtime/config/oci_state.h"
#include "runtime/host/open_in_root.h"
#include "runtime/host/tree_digest.h"
#include "runtime/lease/lease.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/log.h"
#include "util/printable.h"
#include "verify/log/event.h"

/* Less than the timeout of our hook, so that we can still report the reason. */
#define SECONDS_MOST 100

#define MIB(bytes) ((unsigned long long)((bytes) >> 20))

/* Opens the root as the host sees it, without the container's own mounts. */
static int open_root(const struct creation *creation, struct error *err)
{
	const char *path = creation->lease->rootfs;
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? error_set(err, errno, "open %s", path) : fd;
}

static void tell(const struct measuring *measuring, void *context)
{
	const struct creation *creation = context;

	log_info("container %s: measuring its root file system, %llu MiB of %llu files so far",
		 creation->state->id, MIB(measuring->bytes), (unsigned long long)measuring->files);
}

static int add(struct cel_list *list, uint8_t type, const void *data, size_t len, struct error *err)
{
	const struct cel_event event = { CEL_PCR_CONTAINER, CEL_VTPM, type, data, len };
	int r = cel_list_add(list, &event);

	return r < 0 ? error_set(err, -r, "measure the root file system") : 0;
}

/* --- all of it -------------------------------------------------------------------------------- */

static bool is_wanted(const struct creation *creation)
{
	for (size_t i = 0; i < creation->count; i++) {
		if (creation->entries[i].measure.rootfs)
			return creation->running == NULL;
	}
	return false;
}

static int read_root(struct creation *creation, struct error *err)
{
	struct measuring measuring = { .tell = tell, .context = creation };
	cleanup_close int root = open_root(creation, err);
	int r;

	if (root < 0)
		return root;
	measuring_begin(&measuring, SECONDS_MOST);
	r = tree_digest(root, &measuring, creation->measured_root.digest, err);
	return r < 0 ? error_prefix(err, r, "measure the root file system") : 0;
}

void creation_measure_root(struct creation *creation)
{
	struct measured_root *root = &creation->measured_root;

	if (is_wanted(creation))
		root->result = read_root(creation, &root->err);
}

static int add_root(const struct creation *creation, struct cel_list *list, struct error *err)
{
	const struct measured_root *root = &creation->measured_root;

	if (root->result < 0)
		return error_say(err, -root->result, "%s", root->err.text);
	return add(list, CEL_ROOTFS, root->digest, sizeof(root->digest), err);
}

/* --- named files ------------------------------------------------------------------------------ */

struct files {
	int root;
	struct measuring measuring;
	uint8_t buffer[MEASURING_BUFFER];
};

static int digest_of(struct files *files, int path_fd, uint8_t digest[static SHA256_SIZE],
		     struct error *err)
{
	cleanup_close int fd = -1;
	struct stat st;

	if (fstat(path_fd, &st) < 0)
		return error_set(err, errno, "cannot be looked at");
	if (!S_ISREG(st.st_mode))
		return error_say(err, EINVAL, "not a file that can be measured");
	fd = tree_open(path_fd, 0);
	if (fd < 0)
		return error_set(err, -fd, "cannot be opened");
	return measuring_read(&files->measuring, fd, files->buffer, digest, err);
}

/* Logs a missing file, too. */
static int add_file(struct files *files, const char *path, struct cel_list *list, struct error *err)
{
	cleanup_close int fd = open_in_root(files->root, path, O_PATH, RESOLVE_NO_XDEV);
	uint8_t data[SHA256_SIZE + PATH_MAX];
	const size_t len = strlen(path);
	int r;

	if (fd == -ENOENT || fd == -ENOTDIR)
		return add(list, CEL_FILE_ABSENT, path, len, err);
	if (fd == -EXDEV)
		return error_say(err, EXDEV, "something is mounted above it");
	if (fd < 0)
		return error_set(err, -fd, "cannot be opened");
	r = digest_of(files, fd, data, err);
	if (r < 0)
		return r;
	memcpy(data + SHA256_SIZE, path, len);
	return add(list, CEL_FILE, data, SHA256_SIZE + len, err);
}

static int add_one(struct files *files, const char *path, struct cel_list *list, struct error *err)
{
	int r = add_file(files, path, list, err);
	cleanup_free char *shown = r < 0 ? text_printable(path) : NULL;

	return r < 0 ? error_prefix(err, r, "measureFiles: %.128s", shown == NULL ? "" : shown) : 0;
}

static int add_files(const struct creation *creation, json_t *paths, struct cel_list *list,
		     struct error *err)
{
	cleanup_free struct files *files = calloc(1, sizeof(*files));
	cleanup_close int root = open_root(creation, err);
	json_t *path;
	size_t i;
	int r = root < 0 ? root : 0;

	if (files == NULL)
		return error_set(err, ENOMEM, "measure files");
	files->root = root;
	measuring_begin(&files->measuring, SECONDS_MOST);
	json_array_foreach(paths, i, path)
	{
		if (r == 0)
			r = add_one(files, json_string_value(path), list, err);
	}
	return r;
}

int creation_add_files(const struct creation *creation, const struct entry_measure *measure,
		       struct cel_list *list, struct error *err)
{
	int r = measure->rootfs ? add_root(creation, list, err) : 0;

	return r < 0 || measure->files == NULL ? r : add_files(creation, measure->files, list, err);
}
