/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/give/asking.h"

#include "runtime/config/admin.h"
#include "runtime/config/container.h"
#include "runtime/host/runtime_root.h"

int asking_read(const struct class_requests *told, json_t *annotations, bool by_annotation,
		const struct admin_config *admin, const char *root, struct asking *ret,
		struct error *err)
{
	struct asking asking = { .requests = *told };
	int r;

	r = annotations_identity(annotations, admin_config_engine(admin, root), &asking.identity,
				 err);
	/* A sandbox has the annotations of its pod, which are meant for the pod's containers. */
	if (r == 0 && asking.identity.sandbox) {
		*ret = (struct asking){ .identity = asking.identity };
		return 0;
	}
	if (r == 0 && by_annotation)
		r = annotations_requests(annotations, &asking.identity, &asking.requests, err);
	if (r == 0)
		r = annotations_state_name(annotations, &asking.state_name, err);
	if (r < 0)
		return r;
	*ret = asking;
	return 0;
}

struct offer_asker asking_asker(const struct asking *asking, const struct container *container,
				const struct runtime_root *root, const char *id, const char *bundle)
{
	return (struct offer_asker){ .root = root->path,
				     .hash = root->hash,
				     .id = id,
				     .bundle = bundle,
				     .rootfs = container->rootfs,
				     .name_space = asking->identity.name_space,
				     .state_name = asking->state_name,
				     .uid = container->uid,
				     .gid = container->gid };
}
