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

/* False: the kernel does not tell. */
static bool look(const struct place *place, char path[static PATH_MAX])
{
	ssize_t len = readlinkat(place->links_fd, place->name, path, PATH_MAX);

	if (len <= 0 || len >= PATH_MAX)
		return false;
	path[len] = '\0';
	return true;
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
	char path[PATH_MAX];

	free(place->settled);
	place->settled = look(place, path) ? strdup(path) : NULL;
}

bool place_was_left(const struct place *place)
{
	char now[PATH_MAX];

	return place != NULL && place->settled != NULL && look(place, now) &&
	       strcmp(now, place->settled) != 0;
}
