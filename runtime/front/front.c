/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/front/front.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/config/members.h"
#include "util/error.h"

int front_root(const struct front *front, struct runtime_root *ret, struct error *err)
{
	const char *slash = strrchr(front->target, '/'), *xdg = getenv("XDG_RUNTIME_DIR");
	const char *name = slash != NULL ? slash + 1 : front->target;
	char root[PATH_MAX];
	int r;

	if (front->arguments.root != NULL)
		return runtime_root_find(front->arguments.root, ret, err);
	r = runtime_root_default(name, xdg, root);
	if (r == -ENOENT)
		r = runtime_root_default(runtime_kind_name(front->kind), xdg, root);
	return r < 0 ? error_set(err, -r, "find the runtime's root directory")
		     : runtime_root_find(root, ret, err);
}

int front_asking(const struct front *front, json_t *json, const struct runtime_root *root,
		 struct asking *ret, struct error *err)
{
	json_t *annotations = NULL;
	int r = member_find(json, "annotations", &annotations, err);

	return r < 0 ? r
		     : asking_read(&front->own.classes, annotations, true, &front->admin,
				   root->path, ret, err);
}
