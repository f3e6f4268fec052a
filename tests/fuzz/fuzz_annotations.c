/* SPDX-License-Identifier: BSD-3-Clause */
/* Annotations: whatever they are, what comes out are names, and a sentence can be printed. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/config/annotations.h"
#include "runtime/config/members.h"
#include "runtime/config/request.h"
#include "util/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_requests(const struct class_requests *all)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct class_request *one = &all->list[i];

		if (!class_name_is_valid(one->class) || !one->by_annotation ||
		    (one->device[0] != '\0' && !device_name_is_plain(one->device)))
			abort();
		for (size_t j = 0; j < i; j++) {
			if (strcmp(one->class, all->list[j].class) == 0 &&
			    strcmp(one->device, all->list[j].device) == 0)
				abort();
		}
	}
}

static void check(json_t *annotations, enum cri_engine engine)
{
	struct class_requests all = { 0 };
	struct error err = { "" };
	struct identity identity;
	const char *name = NULL;
	int r;

	r = annotations_identity(annotations, engine, &identity, &err);
	if (r == 0 && engine == CRI_NONE &&
	    (identity.sandbox || identity.name_space != NULL || identity.container != NULL))
		abort();
	if (r == 0 && identity.name_space != NULL && strpbrk(identity.name_space, "./") != NULL)
		abort();
	if (r == 0)
		r = annotations_requests(annotations, &identity, &all, &err);
	if (r == 0)
		r = annotations_state_name(annotations, &name, &err);
	if (r == 0 && name != NULL && !state_name_is_valid(name))
		abort();
	check_requests(&all);
	for (const char *c = err.text; *c != '\0'; c++) {
		if (*c < ' ' || *c > '~')
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_json json_t *json = json_loadb((const char *)data, size, 0, NULL);

	if (json == NULL)
		return 0;
	check(json, CRI_NONE);
	check(json, CRI_CONTAINERD);
	check(json, CRI_CRIO);
	return 0;
}
