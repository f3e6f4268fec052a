/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/front/front.h"

#include <string.h>

#include "runtime/config/members.h"
#include "util/error.h"

int front_root(const struct front *front, struct runtime_root *ret, struct error *err)
{
	const char *root = front->arguments.root, *slash = strrchr(front->target, '/');

	if (root == NULL && slash != NULL)
		root = runtime_root_default(slash + 1);
	if (root == NULL)
		root = runtime_root_default(runtime_kind_name(front->kind));
	return runtime_root_find(root, ret, err);
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
