/* SPDX-License-Identifier: BSD-3-Clause */
/* vtpm-hook uninstall: a package calls it before it removes the programs. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/config/cdi.h"
#include "runtime/hook/commands.h"
#include "runtime/hook/settings.h"
#include "runtime/host/engine_files.h"
#include "runtime/lease/book.h"
#include "runtime/lease/lease.h"
#include "runtime/life/cdi_prune.h"
#include "runtime/life/hook.h"
#include "util/cdi_host.h"
#include "util/cleanup.h"
#include "util/error.h"

/* Lists containers whose vTPMs nobody would end any more, and whose next start would fail. */
static size_t list_living(struct lease_book *book)
{
	cleanup_free struct lease *lease = NULL;
	const char *name = NULL;
	size_t count = 0;

	while (lease_book_next(book, NULL, NULL, &name, &lease)) {
		if (!process_lives(&lease->init))
			continue;
		(void)printf("container %s of bundle %s runs and has vTPMs\n", lease->id,
			     lease->bundle);
		count++;
	}
	return count;
}

static int check_leases(const char *run_dir, bool force, struct error *err)
{
	cleanup_with(lease_book_closep) struct lease_book *book = NULL;
	int r = lease_book_open(run_dir, &book, err);

	if (r < 0)
		return r;
	if (list_living(book) == 0 || force)
		return 0;
	return error_say(err, EBUSY, "containers with vTPMs run: stop them first, or say --force");
}

static void tell_of_file(const char *path, const char *name, void *context)
{
	(void)context;
	(void)printf("%s still names %s\n", path, name);
}

/*
 * Without the program, a CDI file left behind would keep containers that ask for a device from
 * starting.
 */
static int remove_cdi(const char *dir, struct error *err)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s", dir, CDI_FILE) >= (int)sizeof(path))
		return error_set(err, ENAMETOOLONG, "%.64s...", dir);
	if (unlink(path) < 0 && errno != ENOENT)
		return error_set(err, errno, "remove %s", path);
	/* Removes the files of running vTPMs, too: nobody would do so later. */
	return cdi_files_prune(CDI_RUN_DIR, "/nowhere", err);
}

int command_uninstall(const struct hook_settings *settings, struct error *err)
{
	struct hook hook = { 0 };
	int r = hook_settings_apply(settings, &hook, err);

	if (r == 0)
		r = check_leases(settings->run_dir, settings->force, err);
	if (r < 0)
		return r;
	engine_files_visit("", tell_of_file, NULL);
	return remove_cdi(settings->output, err);
}
