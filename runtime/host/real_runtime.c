/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/host/real_runtime.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "runtime/host/file_id.h"
#include "util/error.h"

/* Where distributions have them, and CRI-O's packages its own. */
static const char *const dirs[] = {
	"/usr/bin",        "/usr/sbin",         "/usr/local/bin",
	"/usr/local/sbin", "/usr/libexec/crio", "/usr/lib/cri-o-runc/sbin",
};

static int check(const char *path, const char *self, struct error *err)
{
	if (file_is_same(path, self))
		return error_say(err, ELOOP,
				 "%s, the runtime to call, is vtpm-runtime itself: name the real "
				 "one in the configuration",
				 path);
	return 0;
}

static int find_in_list(const char *name, char ret[static PATH_MAX], struct error *err)
{
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		(void)snprintf(ret, PATH_MAX, "%s/%s", dirs[i], name);
		if (access(ret, X_OK) == 0)
			return 0;
	}
	return error_say(err, ENOENT,
			 "there is no %s where they are looked for: name it in the configuration",
			 name);
}

int real_runtime_find(const char *name, const char *configured, const char *self,
		      char ret[static PATH_MAX], struct error *err)
{
	int r = 0;

	if (configured == NULL)
		r = find_in_list(name, ret, err);
	else if (snprintf(ret, PATH_MAX, "%s", configured) >= PATH_MAX)
		r = error_set(err, ENAMETOOLONG, "%.64s...", configured);
	else if (access(ret, X_OK) < 0)
		r = error_set(err, errno, "the runtime to call, %s", configured);
	return r < 0 ? r : check(ret, self, err);
}
