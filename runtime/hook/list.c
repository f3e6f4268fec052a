/* SPDX-License-Identifier: BSD-3-Clause */
/* vtpm-hook list: the vTPMs of containers, and whether they are served. */
#include <errno.h>
#include <stdio.h>

#include "runtime/config/members.h"
#include "runtime/hook/commands.h"
#include "runtime/hook/output.h"
#include "runtime/hook/settings.h"
#include "runtime/lease/book.h"
#include "runtime/lease/lease.h"
#include "runtime/life/restart.h"
#include "util/cleanup.h"
#include "util/error.h"

static const char *condition(const struct lease *lease, const struct lease_vtpm *vtpm)
{
	if (process_lives(&lease->worker))
		return "busy";
	if (!process_lives(&lease->init))
		return "ended";
	if (!lease_vtpm_is_ours(vtpm))
		return "lent";
	return server_is_dead(lease, vtpm) ? "dead" : "serves";
}

static int add_lease(const struct lease *lease, json_t *all)
{
	for (size_t i = 0; i < lease->count; i++) {
		const struct lease_vtpm *vtpm = &lease->vtpms[i];
		json_t *one;

		if (vtpm->detached)
			continue;
		one = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:i}", "container", lease->id,
				"device", vtpm->nodes[0].path, "name", vtpm->nodes[0].name, "class",
				vtpm->claim.class, "bundle", lease->bundle, "condition",
				condition(lease, vtpm), "pid", (int)vtpm->server.pid);

		if (json_array_append_new(all, one) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int collect(const char *run_dir, json_t *all, struct error *err)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	cleanup_free struct lease *lease = NULL;
	const char *name = NULL;
	int r = lease_book_open(run_dir, &book, err);

	while (r == 0 && lease_book_next(book, NULL, NULL, &name, &lease)) {
		if (add_lease(lease, all) < 0)
			r = error_set(err, ENOMEM, "list the vTPMs");
	}
	return r;
}

static int print_table(json_t *all)
{
	static const char format[] = "%-9s %-16s %-16s %s\n";
	json_t *one;
	size_t i;

	(void)printf(format, "CONDITION", "DEVICE", "CONTAINER", "NAME");
	json_array_foreach(all, i, one)
	{
		if (printf(format, output_text(one, "condition"), output_text(one, "device"),
			   output_text(one, "container"), output_text(one, "name")) < 0)
			return -EIO;
	}
	return 0;
}

int command_list(const struct hook_settings *settings, struct error *err)
{
	cleanup_json json_t *all = json_array();
	int r = collect(settings->run_dir, all, err);

	if (r < 0)
		return r;
	r = settings->json ? output_print(all) : print_table(all);
	return r < 0 ? error_set(err, -r, "print the vTPMs") : 0;
}
