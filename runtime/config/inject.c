/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/config/inject.h"

#include "runtime/config/bundle.h"
#include "runtime/config/members.h"
#include "runtime/config/own_hook.h"
#include "runtime/config/rewrite.h"
#include "util/error.h"

int inject_text(const char *text, const char *program, json_t *args, char **ret, struct error *err)
{
	static const char *const path[] = { "hooks", NULL };
	cleanup_json json_t *hooks = NULL;
	int r;

	r = rewrite_read(text, path, &hooks, err);
	if (r < 0)
		return r;
	if (hooks == NULL)
		hooks = json_object();
	r = own_hooks_enter(hooks, program, args, NULL, err);
	return r < 0 ? r : rewrite_member(text, path, hooks, ret, err);
}

struct injection {
	const char *program;
	json_t *args;
};

static int inject(const char *text, void *context, char **ret, struct error *err)
{
	const struct injection *injection = context;

	return inject_text(text, injection->program, injection->args, ret, err);
}

int inject_hooks(const char *bundle, const char *program, json_t *args, struct error *err)
{
	struct injection injection = { program, args };

	return bundle_change(bundle, inject, &injection, err);
}
