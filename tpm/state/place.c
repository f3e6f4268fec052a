/* SPDX-License-Identifier: BSD-3-Clause */
#include "tpm/state/place.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct place {
	int links_fd;  /* of the process's descriptors; -1: there is no /proc */
	char name[16]; /* the directory's among them */
	char *settled; /* its path; NULL: not known */
};

/* The caller frees *RET, which is NULL when the kernel does not tell. */
static void look(const struct place *place, char **ret)
{
	char path[PATH_MAX];
	ssize_t len = readlinkat(place->links_fd, place->name, path, sizeof(path));

	*ret = len > 0 && len < (ssize_t)sizeof(path) ? strndup(path, (size_t)len) : NULL;
}

int place_new(int dir_fd, struct place **ret)
{
	struct place *place = calloc(1, sizeof(*place));

	if (place == NULL)
		return -ENOMEM;
	(void)snprintf(place->name, sizeof(place->name), "%d", dir_fd);
	place->links_fd = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	*ret = place;
	return 0;
}

void place_free(struct place *place)
{
	if (place == NULL)
		return;
	closep(&place->links_fd);
	free(place->settled);
	free(place);
}

void place_settle(struct place *place)
{
	free(place->settled);
	look(place, &place->settled);
}

bool place_was_left(const struct place *place)
{
	cleanup_free char *now = NULL;

	if (place == NULL || place->settled == NULL)
		return false;
	look(place, &now);
	return now != NULL && strcmp(now, place->settled) != 0;
}
