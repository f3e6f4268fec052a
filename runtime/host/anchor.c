/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/host/anchor.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "util/error.h"
#include "util/path.h"

/* Cuts "/LAST" off PATH, which ends with it; LAST NULL: whatever there is. */
static bool cut(char *path, const char *last)
{
	char *slash = strrchr(path, '/');

	if (slash == NULL || slash == path || (last != NULL && strcmp(slash + 1, last) != 0))
		return false;
	*slash = '\0';
	return true;
}

/* DATAROOT/overlay2/LAYER/merged: the layer stays when the container stops. */
static bool is_docker(const char *rootfs, char ret[static PATH_MAX])
{
	char above[PATH_MAX];

	if (rootfs[0] != '/' || snprintf(ret, PATH_MAX, "%s", rootfs) >= PATH_MAX ||
	    !cut(ret, "merged"))
		return false;
	(void)strcpy(above, ret);
	return cut(above, NULL) && ends_with(above, "/overlay2");
}

/* GRAPHROOT/STORAGE-containers/ID/userdata */
static bool is_podman(const char *id, const char *bundle, char ret[static PATH_MAX])
{
	char above[PATH_MAX];

	if (bundle[0] != '/' || snprintf(ret, PATH_MAX, "%s", bundle) >= PATH_MAX ||
	    !cut(ret, "userdata"))
		return false;
	(void)strcpy(above, ret);
	return cut(above, id) && ends_with(above, "-containers");
}

int anchor_find(const char *id, const char *bundle, const char *rootfs, char ret[static PATH_MAX],
		struct error *err)
{
	if (is_podman(id, bundle, ret) || is_docker(rootfs, ret))
		return 0;
	return error_say(err, EOPNOTSUPP,
			 "life \"container\": where this engine keeps its containers is not known");
}
