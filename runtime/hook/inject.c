/* SPDX-License-Identifier: BSD-3-Clause */
/* vtpm-hook inject: adds the hook to a bundle. */
#include "runtime/config/inject.h"

#include <errno.h>

#include "runtime/config/members.h"
#include "runtime/config/own_hook.h"
#include "runtime/hook/commands.h"
#include "runtime/hook/settings.h"
#include "util/error.h"

static int add_classes(const struct hook_settings *settings, json_t *args, struct error *err)
{
	int r = 0;

	if (settings->annotations)
		r = json_array_append_new(args, json_string("--annotations"));
	if (r == 0)
		r = own_hook_add_classes(args, &settings->classes);
	return r < 0 ? error_set(err, ENOMEM, "--class") : 0;
}

int command_inject(const struct hook_settings *settings, struct error *err)
{
	cleanup_json json_t *args = json_array();
	char program[PATH_MAX];
	int r;

	if (settings->bundle == NULL)
		return error_say(err, EINVAL, "inject needs --bundle");
	r = hook_settings_words(settings, program, args, err);
	if (r == 0)
		r = add_classes(settings, args, err);
	return r < 0 ? r : inject_hooks(settings->bundle, program, args, err);
}
