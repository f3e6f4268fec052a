/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * vtpm-runtime's update: crun makes the new device program only from the list in the update, so our
 * rules are added to that list.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/config/members.h"
#include "runtime/front/edit.h"
#include "runtime/front/front.h"
#include "runtime/host/host_root.h"
#include "runtime/lease/holding.h"
#include "runtime/lease/lease.h"
#include "util/cleanup.h"
#include "util/error.h"
#include "util/file.h"

#define RESOURCES_MOST (1 << 20)
#define FD_PATH "/proc/self/fd/"

static int read_resources(const char *path, char **text, struct error *err)
{
	size_t len = 0;
	int r = strcmp(path, "-") == 0 ? read_whole(STDIN_FILENO, RESOURCES_MOST, text, &len)
				       : read_path(path, RESOURCES_MOST, text, &len);

	if (r == 0 && strlen(*text) != len)
		r = -EINVAL;
	return r < 0 ? error_set(err, -r, "read the resources, %s", path) : 0;
}

static int allow_all(const struct holding *holding, const char *text, char **ret, struct error *err)
{
	cleanup_free char *before = strdup(text);

	if (before == NULL)
		return error_set(err, ENOMEM, "allow the devices");
	for (size_t i = 0; i < holding->count; i++) {
		const struct lease *lease = holding->leases[i];
		cleanup_free struct device_number *numbers =
			calloc(lease->count + 1, VTPM_NODES_MOST * sizeof(*numbers));
		char *after;
		int r;

		if (numbers == NULL)
			return error_set(err, ENOMEM, "allow the devices");
		r = edit_resources(before, numbers, lease_numbers(lease, numbers), &after, err);
		if (r < 0)
			return r;
		free(before);
		before = after;
	}
	*ret = take_ptr(before);
	return 0;
}

/*
 * The real runtime inherits the file, perhaps as standard input; the caller's file stays as it is.
 */
static int put_in_memory(const char *text, struct error *err)
{
	int fd = memory_file("resources", 0, text, strlen(text));

	return fd < 0 ? error_set(err, -fd, "keep the resources") : fd;
}

/* Replaces the file's name in its word; an option in front of it, in the same word, stays. */
static int name_file(struct front *front, int fd, struct error *err)
{
	char **word = &front->argv[front->arguments.resources_word], *name;
	size_t before = strlen(*word) - strlen(front->arguments.resources);

	if (asprintf(&name, "%.*s" FD_PATH "%d", (int)before, *word, fd) < 0)
		return error_set(err, ENOMEM, "keep the resources");
	*word = name;
	return 0;
}

static int find_holding(const struct front *front, struct holding *ret, struct error *err)
{
	struct runtime_root root;
	int r = front_root(front, &root, err);

	return r < 0 ? r : holding_read(front->run_dir, root.hash, front->arguments.id, ret, err);
}

int front_update(struct front *front, struct error *err)
{
	__attribute__((cleanup(holding_done))) struct holding holding = { 0 };
	cleanup_free char *text = NULL, *changed = NULL;
	int r, fd;

	if (front->arguments.id == NULL)
		return 0;
	if (host_root_check(NULL) < 0) /* a rootless engine's: none of its containers has a lease */
		return 0;
	r = find_holding(front, &holding, err);
	if (r < 0 || holding.count == 0 || front->kind != RUNTIME_CRUN ||
	    front->arguments.resources == NULL)
		return r;
	r = read_resources(front->arguments.resources, &text, err);
	if (r == 0)
		r = allow_all(&holding, text, &changed, err);
	if (r < 0)
		return r;
	fd = put_in_memory(changed, err);
	return fd < 0 ? fd : name_file(front, fd, err);
}
