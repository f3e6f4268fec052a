/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/life/told.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/config/class_dir.h"
#include "runtime/lease/lease.h"
#include "runtime/life/hook.h"
#include "util/error.h"
#include "util/log.h"

#define PREFIX "/dev/tpm"

/* Mistakes in other entries do not matter here. */
static void log_skipped(const char *message)
{
	log_debug("left out: %s", message);
}

int told_read(const struct hook *hook, const struct lease *lease, struct told *ret,
	      struct error *err)
{
	int r;

	*ret = (struct told){ .classes = calloc(lease->count + 1, sizeof(*ret->classes)),
			      .count = lease->count };
	if (ret->classes == NULL)
		return error_set(err, ENOMEM, "read what %s asked for", lease->id);
	r = admin_config_read(hook->config, &ret->admin, err);
	ret->admin.ignore_errors = true;
	if (r == 0)
		r = container_read(lease->bundle, &ret->container, err);
	return r < 0 ? r
		     : container_entries(&ret->container, &ret->admin, log_skipped, &ret->own,
					 &ret->own_count, err);
}

void told_done(struct told *told)
{
	for (size_t i = 0; told->classes != NULL && i < told->count; i++) {
		json_decref(told->classes[i].entry);
		class_done(&told->classes[i].class);
	}
	free(told->classes);
	free(told->own);
	container_done(&told->container);
	admin_config_done(&told->admin);
}

static int find_own(const struct told *told, const char *path, struct vtpm_entry *ret,
		    struct error *err)
{
	for (size_t i = 0; i < told->own_count; i++) {
		if (strcmp(told->own[i].paths[0], path) != 0)
			continue;
		*ret = told->own[i];
		return 0;
	}
	return error_say(err, ENOENT, "config.json of its bundle has it no more");
}

static int find_of_class(const struct hook *hook, const struct lease_vtpm *vtpm,
			 struct told_class *class, const struct admin_config *admin,
			 struct vtpm_entry *ret, struct error *err)
{
	const char *state = vtpm->state_path, *path = vtpm->nodes[0].path;
	int r = class_dir_read(hook->class_dir, geteuid(), vtpm->claim.class, &class->class, err);

	if (r < 0)
		return r;
	if (state[0] == '\0')
		state = class->class.state_root;
	class->entry = class_entry(&class->class, path + strlen(PREFIX), state, 0, 0);
	if (class->entry == NULL)
		return error_set(err, ENOMEM, "class %s", vtpm->claim.class);
	return vtpm_entry_parse(class->entry, admin, ret, err);
}

int told_entry(const struct hook *hook, const struct lease *lease, size_t i, struct told *told,
	       struct vtpm_entry *ret, struct error *err)
{
	const struct lease_vtpm *vtpm = &lease->vtpms[i];

	/* A class gives no other names. */
	if (vtpm->claim.class[0] == '\0' ||
	    strncmp(vtpm->nodes[0].path, PREFIX, strlen(PREFIX)) != 0)
		return find_own(told, vtpm->nodes[0].path, ret, err);
	return find_of_class(hook, vtpm, &told->classes[i], &told->admin, ret, err);
}
